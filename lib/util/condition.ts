/**
 * A reusable signal: `notifyAll()` resolves every pending `wait()`. A notification without a waiter is not remembered.
 */
export class Condition {
  #promise: Promise<void> | undefined
  #notify: (() => void) | undefined

  /** Resolves at the next `notifyAll()`. */
  wait (): Promise<void> {
    this.#promise ??= new Promise((resolve) => { this.#notify = resolve })
    return this.#promise
  }

  /** Resolves all pending calls of `wait()`; later calls wait for the next notification. */
  notifyAll (): void {
    this.#notify?.()
    this.#promise = this.#notify = undefined
  }
}
