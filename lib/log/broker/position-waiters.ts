interface Waiter {
  readonly position: number
  readonly resolve: () => void
}

/** Waits for positions in the log to be reached, in the order of the calls. */
export class PositionWaiters {
  readonly #waiting: Waiter[] = []

  /** Resolves at this position or a later one. A call for a lower position may wait for the calls before it. */
  wait (position: number): Promise<void> {
    return new Promise((resolve) => { this.#waiting.push({ position, resolve }) })
  }

  /** Everything up to `position` has been read; `Infinity` resolves all. */
  reach (position: number): void {
    const count = this.#waiting.findIndex((waiter) => waiter.position > position)
    for (const { resolve } of this.#waiting.splice(0, count === -1 ? Infinity : count)) resolve()
  }
}
