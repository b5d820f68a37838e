import { Latch } from './latch.ts'

/** The end of a turn of the event loop, at which something is done once, whoever asked for it. */
export class Turn {
  readonly #onEnd: () => void
  readonly #done = new Latch()
  #scheduled: NodeJS.Immediate | undefined

  constructor (onEnd: () => void) {
    this.#onEnd = onEnd
  }

  schedule (): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined
      this.#onEnd()
    })
  }

  /** It is done at this turn's end, or before: resolves then. */
  wait (): Promise<void> {
    this.schedule()
    return this.#done.wait()
  }

  /** It is about to be done, or will not be. */
  cancel (): void {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
  }

  /** It is done. */
  release (): void {
    this.#done.release()
  }
}
