/** A clock and a timer, so that tests can use simulated time. */
export interface Time {
  /** ms */
  now (): number
  /** Calls `callback` after `ms`. @returns a function that cancels the call */
  after (ms: number, callback: () => void): () => void
}

/** Calls `callback` after `ms` of real time. @returns a function that cancels the call */
export function after (ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => { clearTimeout(timer) }
}
