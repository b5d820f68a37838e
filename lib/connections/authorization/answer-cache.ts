import { ownString } from '../../util/names.ts'
import type { Permit } from './permit.ts'

/** The most answers; beyond it, the oldest are forgotten first. About 300 bytes each, and the user's name. */
export const MAX_ANSWERS = 100_000

interface Answer {
  readonly user: string | undefined
  /** one bit for each channel of the question, in their order; `undefined` if all are allowed */
  readonly allowed: bigint | undefined
  /** the number of past messages that it is good for */
  readonly past: number
  readonly expires: number
}

/**
 * The answers of `authorize` to polls, for some time. Strangers who invent clients must not fill the memory with the
 * names of channels: an answer retains none of them.
 */
export class AnswerCache {
  readonly #lifetime: number
  readonly #answers = new Map<string, Answer>()

  /** `lifetime` of an answer, ms. */
  constructor (lifetime: number) {
    this.#lifetime = lifetime
  }

  /**
   * The answer to a question, if there is one that is young enough and good for `past` messages of the past. `key`
   * stands for client, credentials and `channels`.
   */
  find (key: string, channels: readonly string[], past: number): Permit | undefined {
    const answer = this.#answers.get(key)
    if (answer === undefined || answer.expires <= performance.now() || past > answer.past) return undefined
    const { user, allowed } = answer
    if (allowed === undefined) return { user, channels }
    return { user, channels: channels.filter((_, i) => (allowed >> BigInt(i)) % 2n === 1n) }
  }

  /** Remembers the answer to a question; see `find`. */
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

  /** Forgets the answers that are too old at `now`. */
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
