import type { Channel, ChannelUser } from './channel.ts'
import type { History } from './history.ts'

/** The place of one user on one channel. It is released once. */
export class ChannelSeat {
  readonly channel: Channel
  readonly #history: History
  readonly #user: ChannelUser

  constructor (history: History, name: string, user: ChannelUser) {
    this.channel = history.channel(name)
    this.#history = history
    this.#user = user
    this.channel.users.add(user)
  }

  /** whether the user has left */
  get isLeft (): boolean {
    return !this.channel.users.has(this.#user)
  }

  /** Gives up the place; the channel is forgotten if nothing else needs it. */
  leave (): void {
    if (this.channel.users.delete(this.#user)) this.#history.release(this.channel)
  }
}
