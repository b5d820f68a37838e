const FIRST = 100 // ms
const LONGEST = 2000 // ms

/** How long to wait before the attempt that follows so many failures, ms: at random, so that nodes do not come all at once. */
export function backoff (failures: number): number {
  const most = Math.min(LONGEST, FIRST * 2 ** Math.min(failures, 10))
  return most / 10 + Math.random() * most * 0.9
}

/** Resolves after so many ms, or when the signal aborts. */
export function pause (ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve()
    const end = (): void => {
      clearTimeout(timer)
      signal.removeEventListener('abort', end)
      resolve()
    }
    const timer = setTimeout(end, ms)
    signal.addEventListener('abort', end)
  })
}
