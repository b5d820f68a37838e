/** Items that come one by one, and are taken all at a time. */
export class Queue<T> {
  #items: T[] = []
  #wake: (() => void) | undefined
  readonly #signal: AbortSignal

  constructor (signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#wake?.())
  }

  push (item: T): void {
    this.#items.push(item)
    this.#wake?.()
  }

  /** What has come by now, or else the next, or none after so many ms. Throws the signal's reason when that is aborted. */
  async next (ms: number): Promise<T[]> {
    if (this.#items.length === 0 && !this.#signal.aborted) await this.#change(ms)
    this.#signal.throwIfAborted()
    return this.#items.splice(0)
  }

  #change (ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#wake = () => {
        clearTimeout(timer)
        this.#wake = undefined
        resolve()
      }
    })
  }
}
