import { LinkedList } from '../../util/linked-list.ts'
import type { Stay } from './presence-entry.ts'

// The clients that expire in one tick of the event loop have at most this many channels, or it is one client: some 2
// ms.
const CHANNELS_AT_ONCE = 2000

/** Clients that are away and expected back. All have the same time, so the first to leave is the first to expire. */
export class Departures {
  readonly #grace: number
  readonly #onExpired: (stay: Stay) => void
  readonly #away = new LinkedList<Stay>()
  #sweep: NodeJS.Immediate | undefined

  /** `grace`: the time that a client has to come back, ms. `onExpired` is called for each one that has not. */
  constructor (grace: number, onExpired: (stay: Stay) => void) {
    this.#grace = grace
    this.#onExpired = onExpired
  }

  /** The number of clients that are away. */
  get size (): number {
    return this.#away.size
  }

  /** The client has left now. */
  add (stay: Stay): void {
    stay.until = performance.now() + this.#grace
    this.#away.push(stay)
  }

  /** The client is no longer expected. */
  remove (stay: Stay): void {
    this.#away.remove(stay)
  }

  /** Expires the client that left first, before its time. */
  expireOldest (): void {
    const { oldest } = this.#away
    if (oldest === undefined) return
    this.#away.remove(oldest)
    this.#onExpired(oldest)
  }

  /** Expires the clients whose time is over at `now`, spread over several ticks of the event loop if they are many. */
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

  /** Stops expiring clients. */
  close (): void {
    clearImmediate(this.#sweep)
  }

  [Symbol.iterator] (): Iterator<Stay> {
    return this.#away[Symbol.iterator]()
  }
}
