import { Signal } from '../util/signal.ts'

// A publisher that awaits and has published more than this in one turn waits until the turn is over, so that readers
// have their turn;
const PAUSE_BYTES = 65_536
// what waits to be handed out is handed out before the end of the turn where it is more than this.
const MAX_BYTES = 262_144

/** One turn of the event loop, at whose end `onEnd` is called once, however often that is asked for. */
export class FlushScheduler {
  readonly #onEnd: () => void
  readonly #over = new Signal()
  #scheduled: NodeJS.Immediate | undefined
  #isClosed = false
  /** bytes that wait to be handed out */
  #waiting = 0
  /** bytes published in this turn, handed out or not */
  #published = 0

  constructor (onEnd: () => void) {
    this.#onEnd = onEnd
  }

  schedule (): void {
    if (!this.#isClosed) this.#scheduled ??= setImmediate(() => { this.#end() })
  }

  /** Counts bytes that wait to be handed out, and calls `onEnd` when the turn is over, or at once past 256 KiB. */
  take (bytes: number): void {
    this.#waiting += bytes
    this.#published += bytes
    this.schedule()
    if (this.#waiting > MAX_BYTES) this.#onEnd()
  }

  /** Everything was handed out. */
  handedOut (): void {
    this.#waiting = 0
  }

  /** A promise of the end of this turn, where more than 64 KiB were published in it. */
  pause (): Promise<void> | undefined {
    if (this.#isClosed || this.#published <= PAUSE_BYTES) return undefined
    this.schedule()
    return this.#over.wait()
  }

  /** Calls `onEnd` no more, and keeps no publisher waiting. */
  close (): void {
    this.#isClosed = true
    clearImmediate(this.#scheduled)
    this.#over.notifyAll()
  }

  #end (): void {
    this.#scheduled = undefined
    this.#published = 0
    try {
      this.#onEnd()
    } finally {
      this.#over.notifyAll()
    }
  }
}
