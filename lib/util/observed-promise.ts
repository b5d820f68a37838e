/** A promise that knows whether anybody waits for it. */
class ObservedPromise<T> extends Promise<T> {
  observed = false

  // Without this, each then() would make one of these, and nobody asks those.
  static override get [Symbol.species] (): PromiseConstructor {
    return Promise
  }

  override then<A = T, B = never> (onFulfilled?: ((value: T) => A | PromiseLike<A>) | null, onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null): Promise<A | B> {
    this.observed = true
    return super.then(onFulfilled, onRejected)
  }
}

/** The same promise, but its rejection is reported if nobody waits for it by then; it never ends the process. */
export function observed<T> (promise: Promise<T>, report: (error: unknown) => void): Promise<T> {
  const outer = new ObservedPromise<T>((resolve, reject) => {
    promise.then(resolve, (error: unknown) => {
      reject(error)
      setImmediate(() => {
        if (!outer.observed) report(error)
      })
    })
  })
  outer.catch(() => { /* handled: it is reported above */ })
  outer.observed = false
  return outer
}

/** A rejection that is reported, by the end of the turn, if nobody waits for it; it never ends the process. */
export function rejection (error: unknown, report: (error: unknown) => void): Promise<never> {
  const promise = new ObservedPromise<never>((_resolve, reject) => { reject(error) })
  promise.catch(() => { /* handled: it is reported below */ })
  promise.observed = false
  setImmediate(() => {
    if (!promise.observed) report(error)
  })
  return promise
}
