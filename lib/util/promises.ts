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

/** A promise that knows whether anything waits for it. */
class ObservedPromise<T> extends Promise<T> {
  observed = false

  // Without this, each then() would make an ObservedPromise, which nothing asks.
  static override get [Symbol.species] (): PromiseConstructor {
    return Promise
  }

  override then<A = T, B = never> (
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null
  ): Promise<A | B> {
    this.observed = true
    return super.then(onFulfilled, onRejected)
  }

  /**
   * Marks its rejection as handled, so that it never ends the process. That is not an observation by the application.
   */
  handle (): this {
    this.catch(() => { /* handled: it is passed to `report` */ })
    this.observed = false
    return this
  }
}

/**
 * The same promise, but its rejection never ends the process: it is passed to `report` if nothing waits for the promise
 * by the end of the tick in which it rejects.
 */
export function observed<T> (promise: Promise<T>, report: (error: unknown) => void): Promise<T> {
  const outer = new ObservedPromise<T>((resolve, reject) => {
    promise.then(resolve, (error: unknown) => {
      reject(error)
      setImmediate(() => {
        if (!outer.observed) report(error)
      })
    })
  })
  return outer.handle()
}

/**
 * A promise rejected with `error`, which never ends the process: the error is passed to `report` if nothing waits for
 * the promise by the end of the tick.
 */
export function rejection (error: unknown, report: (error: unknown) => void): Promise<never> {
  const promise = new ObservedPromise<never>((_resolve, reject) => { reject(error) }).handle()
  setImmediate(() => {
    if (!promise.observed) report(error)
  })
  return promise
}
