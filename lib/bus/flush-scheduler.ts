import { Condition } from '../util/condition.ts'

// A publisher that awaits, and has published more than this in a tick, waits for the end of the tick, so that clients
// are read and written in between.
const PAUSE_BYTES = 65_536
// Above this, messages are flushed before the end of the tick.
const MAX_BYTES = 262_144

/** Calls `flush` once at the end of a tick of the event loop, however often that was scheduled within it. */
export class FlushScheduler {
  readonly #flush: () => void
  readonly #tickEnded = new Condition()
  #scheduled: NodeJS.Immediate | undefined
  #isClosed = false
  /** the bytes that wait to be flushed */
  #waiting = 0
  /** the bytes published in this tick, flushed or not */
  #published = 0

  constructor (flush: () => void) {
    this.#flush = flush
  }

  /** Schedules a flush at the end of this tick. */
  schedule (): void {
    if (!this.#isClosed) this.#scheduled ??= setImmediate(() => { this.#end() })
  }

  /** Accounts for `bytes` of new data and schedules a flush: at the end of this tick, or immediately above 256 KiB. */
  take (bytes: number): void {
    this.#waiting += bytes
    this.#published += bytes
    this.schedule()
    if (this.#waiting > MAX_BYTES) this.#flush()
  }

  /** Everything has been flushed. */
  flushed (): void {
    this.#waiting = 0
  }

  /** Resolves at the end of this tick if more than 64 KiB were published in it; else it is `undefined`. */
  pause (): Promise<void> | undefined {
    if (this.#isClosed || this.#published <= PAUSE_BYTES) return undefined
    this.schedule()
    return this.#tickEnded.wait()
  }

  /** Never flushes again, and resolves what waits in `pause`. */
  close (): void {
    this.#isClosed = true
    clearImmediate(this.#scheduled)
    this.#tickEnded.notifyAll()
  }

  #end (): void {
    this.#scheduled = undefined
    this.#published = 0
    try {
      this.#flush()
    } finally {
      this.#tickEnded.notifyAll()
    }
  }
}
