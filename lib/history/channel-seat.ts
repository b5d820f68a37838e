import type { Channel, ChannelUser } from './channel.ts'
import type { History } from './history.ts'

/** The place of one user on one channel. It is given back once. */
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

  get isLeft (): boolean {
    return !this.channel.users.has(this.#user)
  }

  leave (): void {
    if (this.channel.users.delete(this.#user)) this.#history.release(this.channel)
  }
}
