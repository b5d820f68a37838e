import { LinkedList } from '../../util/linked-list.ts'
import type { Stay } from './presence-entry.ts'

// The clients forgotten in a turn of the event loop have no more channels than this, or one client has: some 2 ms.
const CHANNELS_AT_ONCE = 2000

/** Clients that are away and expected back. All are given the same time, so the first to leave is always the oldest. */
export class Departures {
  readonly #grace: number
  readonly #onExpired: (stay: Stay) => void
  readonly #away = new LinkedList<Stay>()
  #sweep: NodeJS.Immediate | undefined

  /** `grace`: ms that a client has to come back. `onExpired` is called with each one that has not. */
  constructor (grace: number, onExpired: (stay: Stay) => void) {
    this.#grace = grace
    this.#onExpired = onExpired
  }

  get size (): number {
    return this.#away.size
  }

  add (stay: Stay): void {
    stay.until = performance.now() + this.#grace
    this.#away.push(stay)
  }

  remove (stay: Stay): void {
    this.#away.remove(stay)
  }

  /** Expires the one that left first, before its time. */
  expireOldest (): void {
    const { oldest } = this.#away
    if (oldest === undefined) return
    this.#away.remove(oldest)
    this.#onExpired(oldest)
  }

  /** Expires those whose time is over by `now`, as many in a turn of the event loop as it can bear. */
  tick (now: number): void {
    clearImmediate(this.#sweep)
    for (let channels = 0; channels < CHANNELS_AT_ONCE;) {
      const { oldest } = this.#away
      if (oldest === undefined || oldest.until > now) return
      channels += 1 + oldest.set.channels.length
      this.expireOldest()
    }
    this.#sweep = setImmediate(() => { this.tick(now) }).unref()
  }

  close (): void {
    clearImmediate(this.#sweep)
  }

  [Symbol.iterator] (): Iterator<Stay> {
    return this.#away[Symbol.iterator]()
  }
}
