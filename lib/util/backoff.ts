const FIRST = 100 // ms
const LONGEST = 2000 // ms

/**
 * The delay before the next attempt after `failures` failed ones, in ms: doubling from 100 ms up to 2 s. It is random
 * between a tenth of that and the whole, so that nodes do not all retry at the same moment.
 */
export function backoff (failures: number): number {
  const most = Math.min(LONGEST, FIRST * 2 ** Math.min(failures, 10))
  return most / 10 + Math.random() * most * 0.9
}

/** Resolves after `ms` milliseconds, or as soon as `signal` aborts. */
export function sleep (ms: number, signal: AbortSignal): Promise<void> {
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
