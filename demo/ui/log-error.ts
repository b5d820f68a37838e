/** Where an error ends that no part of the page can do anything about: in the browser's console. */
export function report (error: unknown): void {
  console.error(error)
}
