import { Latch } from './latch.ts'

// Past so much in one turn, a publisher that awaits is held until its end, so that readers get their turn;
const PAUSE_BYTES = 65_536
// and past so much, its end is not waited for.
const MAX_BYTES = 262_144

/** The end of a turn of the event loop, at which something is done once, whoever asked for it. */
export class Turn {
  readonly #onEnd: () => void
  readonly #done = new Latch()
  #scheduled: NodeJS.Immediate | undefined
  #bytes = 0

  constructor (onEnd: () => void) {
    this.#onEnd = onEnd
  }

  schedule (): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined
      this.#onEnd()
    })
  }

  /** So much has come for it to be done with: at the turn's end, or at once where it is very much. */
  take (bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > MAX_BYTES) this.#onEnd()
    else this.schedule()
  }

  /** Where much has come in this turn, resolves when it has been done. */
  pause (): Promise<void> | undefined {
    if (this.#bytes <= PAUSE_BYTES) return undefined
    this.schedule()
    return this.#done.wait()
  }

  /** It is about to be done, or will not be. */
  cancel (): void {
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    this.#bytes = 0
  }

  /** It is done. */
  release (): void {
    this.#done.release()
  }
}
