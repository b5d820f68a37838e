import { asError } from '../errors.ts'

/**
 * Resolves to `true` when `promise` fulfils, immediately if there is none, or to `false` after `ms` milliseconds.
 * Rejects if `promise` rejects within that time.
 */
export async function withTimeout (promise: Promise<unknown> | undefined, ms: number): Promise<boolean> {
  if (promise === undefined) return true
  let timer: NodeJS.Timeout | undefined
  const timeout = new Promise<boolean>((resolve) => { timer = setTimeout(resolve, ms, false) })
  try {
    return await Promise.race([promise.then(() => true), timeout])
  } finally {
    clearTimeout(timer)
  }
}

/** Settles as `promise` does, or rejects with the reason of `signal` if that aborts first. */
export function abortable<T> (promise: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => { reject(asError(signal.reason)) }
    if (signal.aborted) abort()
    signal.addEventListener('abort', abort)
    promise.then(resolve, reject).finally(() => { signal.removeEventListener('abort', abort) })
  })
}
