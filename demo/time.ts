/** What a schedule needs of time, so that a test can have a time of its own. */
export interface Time {
  /** ms */
  now (): number
  /** Calls back after so many ms. @returns what cancels it */
  after (ms: number, callback: () => void): () => void
}

/** Calls back after so many ms of the system's time. */
export function after (ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => { clearTimeout(timer) }
}
