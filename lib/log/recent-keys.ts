import { pairKey } from '../util/names.ts'

const KEY_LIFETIME = 300_000 // ms
const MAX_KEYS = 100_000

/** Idempotency keys with the offsets they stand for, for 5 minutes; of more than 100,000 the oldest go first. */
export class RecentKeys {
  #keys = new Map<string, { offset: number, expires: number }>()
  #now: () => number

  constructor (now: () => number = () => performance.now()) {
    this.#now = now
  }

  get size (): number {
    return this.#keys.size
  }

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

  // A Map keeps its insertion order, so the oldest key is always the first.
  #expire (): void {
    const now = this.#now()
    for (const [key, { expires }] of this.#keys) {
      if (expires > now && this.#keys.size <= MAX_KEYS) return
      this.#keys.delete(key)
    }
  }
}
