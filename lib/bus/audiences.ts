import { Audience, type AudienceParts } from './audience.ts'
import type { Rounds } from './rounds.ts'
import { Seat, type SeatOwner } from './seat.ts'
import type { Channel } from '../history/channel.ts'
import type { History } from '../history/history.ts'
import { setKey } from '../util/names.ts'

/** The audiences of all connections: one for each set of channels that has a connection. */
export class Audiences implements SeatOwner {
  readonly #history: History
  readonly #parts: AudienceParts
  readonly #audiences = new Map<string, Audience>()

  constructor (history: History, parts: AudienceParts) {
    this.#history = history
    this.#parts = parts
  }

  get rounds (): Rounds {
    return this.#parts.rounds
  }

  get size (): number {
    return this.#audiences.size
  }

  /** A seat in the audience of these channels. Throws what a limit of the application throws. */
  join (names: readonly string[]): Seat {
    const key = setKey(names)
    const audience = this.#audiences.get(key) ?? this.#create(key, names)
    audience.connections++
    this.#history.age(audience.channels)
    return new Seat(audience, this)
  }

  /** A seat was left. The last one ends the audience. */
  release (audience: Audience): void {
    if (--audience.connections > 0) return
    this.#audiences.delete(audience.key)
    for (const channel of audience.channels) {
      channel.users.delete(audience)
      this.#history.release(channel)
    }
  }

  #create (key: string, names: readonly string[]): Audience {
    const audience = new Audience(key, this.#channels(names), this.#parts)
    for (const channel of audience.channels) channel.users.add(audience)
    this.#audiences.set(key, audience)
    return audience
  }

  // A limit of the application may throw. Then the channels that were created for this audience are not kept.
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
