import { Audience } from './audience.ts'
import type { Channel } from '../history/channel.ts'
import type { BatchCache } from './batch-cache.ts'
import type { ToCursor } from './log-position.ts'
import type { History } from '../history/history.ts'
import type { Rounds } from './rounds.ts'
import { Seat, type SeatOwner } from './seat.ts'
import { setKey } from '../util/names.ts'

/** The audiences of all connections: one for each set of channels that somebody listens to. */
export class Audiences implements SeatOwner {
  readonly #history: History
  readonly #batches: BatchCache
  readonly #toCursor: ToCursor
  readonly rounds: Rounds
  readonly #audiences = new Map<string, Audience>()

  constructor (history: History, batches: BatchCache, toCursor: ToCursor, rounds: Rounds) {
    this.#history = history
    this.#batches = batches
    this.#toCursor = toCursor
    this.rounds = rounds
  }

  get size (): number {
    return this.#audiences.size
  }

  /** A seat in the audience of these channels. Throws what a limit of theirs throws, and then nothing was joined. */
  join (names: readonly string[]): Seat {
    const key = setKey(names)
    const audience = this.#audiences.get(key) ?? this.#create(key, names)
    audience.connections++
    this.#history.age(audience.channels)
    return new Seat(audience, this)
  }

  release (audience: Audience): void {
    if (--audience.connections > 0) return
    this.#audiences.delete(audience.key)
    for (const channel of audience.channels) {
      channel.users.delete(audience)
      this.#history.release(channel)
    }
  }

  #create (key: string, names: readonly string[]): Audience {
    const audience = new Audience(key, this.#channels(names), this.#batches, this.#toCursor, this.rounds)
    for (const channel of audience.channels) channel.users.add(audience)
    this.#audiences.set(key, audience)
    return audience
  }

  // A limit of the application may throw: then the channels that were made for this audience are not kept for it.
  #channels (names: readonly string[]): Channel[] {
    const channels: Channel[] = []
    try {
      for (const name of names) channels.push(this.#history.channel(name))
      return channels
    } catch (error) {
      for (const channel of channels) this.#history.release(channel)
      throw error
    }
  }
}
