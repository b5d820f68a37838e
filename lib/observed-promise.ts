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
