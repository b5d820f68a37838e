/** Logs an error that no part of the page can handle to the browser's console. */
export function logError (error: unknown): void {
  console.error(error)
}
