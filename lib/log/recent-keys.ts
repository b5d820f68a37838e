import { pairKey } from '../util/names.ts'
import { KEY_LIFETIME } from './message-log.ts'

const MAX_KEYS = 100_000

/** Idempotency keys and the offsets of their messages, for 5 minutes; of more than 100,000 the oldest are forgotten. */
export class RecentKeys {
  /** A Map retains the order of insertion, so the oldest key is always the first. */
  readonly #keys = new Map<string, { offset: number, expires: number }>()
  readonly #now: () => number

  /** `now`: a monotonic clock, in ms. */
  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  get size (): number {
    return this.#keys.size
  }

  /** The offset of the message that had this key on this channel, if that is known. */
  find (channel: string, key: string): number | undefined {
    this.#expire()
    return this.#keys.get(pairKey(channel, key))?.offset
  }

  remember (channel: string, key: string, offset: number): void {
    this.#keys.set(pairKey(channel, key), { offset, expires: this.#now() + KEY_LIFETIME })
  }

  forget (channel: string, key: string): void {
    this.#keys.delete(pairKey(channel, key))
  }

  #expire (): void {
    const now = this.#now()
    for (const [key, { expires }] of this.#keys) {
      if (expires > now && this.#keys.size <= MAX_KEYS) return
      this.#keys.delete(key)
    }
  }
}
