import { ownString } from '../../util/names.ts'
import type { Permit } from './permit.ts'

/** Of more answers, the oldest are forgotten first. About 300 bytes each, and the user's name. */
export const MAX_ANSWERS = 100_000

interface Answer {
  readonly user: string | undefined
  /** one bit for each channel asked for, in their order; `undefined` where all are allowed */
  readonly allowed: bigint | undefined
  readonly past: number
  readonly expires: number
}

/**
 * What `authorize` answered to polls, for some time. Whoever makes up clients must not fill the memory with the channels that
 * he names: an answer holds none of them.
 */
export class AnswerCache {
  readonly #lifetime: number
  readonly #answers = new Map<string, Answer>()

  /** `lifetime` of an answer, ms. */
  constructor (lifetime: number) {
    this.#lifetime = lifetime
  }

  /** The answer to a question that is still good, and good for `past` messages of the past. `key` names client, credentials and `channels`. */
  find (key: string, channels: readonly string[], past: number): Permit | undefined {
    const answer = this.#answers.get(key)
    if (answer === undefined || answer.expires <= performance.now() || past > answer.past) return undefined
    const { user, allowed } = answer
    return { user, channels: allowed === undefined ? channels : channels.filter((_, i) => (allowed >> BigInt(i)) % 2n === 1n) }
  }

  remember (key: string, channels: readonly string[], past: number, { user, channels: allowed }: Permit): void {
    this.#answers.delete(key)
    this.#answers.set(key, {
      user: user === undefined ? undefined : ownString(user),
      allowed: allowed.length === channels.length ? undefined : bitsOf(channels, new Set(allowed)),
      past,
      expires: performance.now() + this.#lifetime
    })
    this.#expire(performance.now())
  }

  tick (now: number): void {
    this.#expire(now)
  }

  // A Map keeps its insertion order, so the oldest is always the first.
  #expire (now: number): void {
    for (const [key, { expires }] of this.#answers) {
      if (expires > now && this.#answers.size <= MAX_ANSWERS) return
      this.#answers.delete(key)
    }
  }
}

function bitsOf (channels: readonly string[], allowed: ReadonlySet<string>): bigint {
  return BigInt(`0b${channels.map((channel) => allowed.has(channel) ? '1' : '0').reverse().join('')}`)
}
