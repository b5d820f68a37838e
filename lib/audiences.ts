import { Audience } from './audience.ts'
import { Encoder } from './encoder.ts'
import type { ToCursor } from './frames.ts'
import type { History } from './history.ts'

/** The audiences of all connections: one for each set of channels that somebody listens to. */
export class Audiences {
  readonly #history: History
  readonly #encoder: Encoder
  readonly #audiences = new Map<string, Audience>()

  constructor (history: History, toCursor: ToCursor) {
    this.#history = history
    this.#encoder = new Encoder(toCursor)
  }

  /** The audience of these channels, for one more connection. */
  join (names: readonly string[]): Audience {
    const key = [...names].sort().join('\n')
    const audience = this.#audiences.get(key) ?? this.#create(key, names)
    audience.connections++
    this.#history.age(audience.channels)
    return audience
  }

  /** Undoes one `join`. */
  part (audience: Audience): void {
    if (--audience.connections > 0) return
    this.#audiences.delete(audience.key)
    for (const channel of audience.channels) {
      channel.users.delete(audience)
      this.#history.release(channel)
    }
  }

  #create (key: string, names: readonly string[]): Audience {
    const channels = names.map((name) => this.#history.channel(name))
    const audience = new Audience(key, channels, this.#encoder)
    for (const channel of channels) channel.users.add(audience)
    this.#audiences.set(key, audience)
    return audience
  }
}
