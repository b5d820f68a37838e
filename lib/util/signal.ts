/** Something that is waited for again and again: all who wait by then are let go at once. */
export class Latch {
  #promise: Promise<void> | undefined
  #release: (() => void) | undefined

  wait (): Promise<void> {
    this.#promise ??= new Promise((resolve) => { this.#release = resolve })
    return this.#promise
  }

  release (): void {
    this.#release?.()
    this.#promise = this.#release = undefined
  }
}
