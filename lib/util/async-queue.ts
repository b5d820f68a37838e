import { withTimeout } from './promises.ts'

/** Items that arrive one at a time and are taken all at once, by one consumer. */
export class AsyncQueue<T> {
  #items: T[] = []
  #onChange: (() => void) | undefined
  readonly #signal: AbortSignal

  /** When `signal` aborts, `next` rejects. */
  constructor (signal: AbortSignal) {
    this.#signal = signal
    signal.addEventListener('abort', () => this.#onChange?.())
  }

  push (item: T): void {
    this.#items.push(item)
    this.#onChange?.()
  }

  /**
   * Resolves to all items that have arrived, or, if there are none, waits for the next one; to none after `ms`
   * milliseconds. Rejects with the reason of the signal once that has aborted.
   */
  async next (ms: number): Promise<T[]> {
    if (this.#items.length === 0 && !this.#signal.aborted) await withTimeout(this.#change(), ms)
    this.#signal.throwIfAborted()
    return this.#items.splice(0)
  }

  // A promise for each wait: a shared one would collect the reactions of all waits that time out while nothing arrives.
  #change (): Promise<void> {
    return new Promise((resolve) => { this.#onChange = resolve })
  }
}
