import type { Channel, StoredMessage } from './channel.ts'
import { LinkedList } from '../util/linked-list.ts'

/**
 * The order in which messages are evicted to save bytes: the oldest of all channels first, but the newest messages of
 * channels that have to `retain` one only after all others.
 *
 *     first ──► timeline, oldest first ──► spared, oldest first
 */
export class EvictionOrder {
  readonly #timeline = new LinkedList<StoredMessage>()
  readonly #spared = new LinkedList<StoredMessage>()

  /** The message to be evicted first. */
  get first (): StoredMessage | undefined {
    return this.#timeline.oldest ?? this.#spared.oldest
  }

  /** Adds the newest message. */
  push (message: StoredMessage): void {
    this.#unspare(message.channel)
    this.#timeline.push(message)
  }

  /** Removes a message that is evicted. */
  remove (message: StoredMessage): void {
    const { channel } = message
    if (channel.spared === message) {
      channel.spared = undefined
      this.#spared.remove(message)
    } else this.#timeline.remove(message)
  }

  /** Moves the message behind all others, if its channel has to retain it. Returns whether it was moved. */
  spare (message: StoredMessage): boolean {
    const { channel } = message
    const isRetained = channel.limits.retain && channel.messages.last() === message
    if (!isRetained || channel.spared !== undefined) return false
    this.#timeline.remove(message)
    this.#spared.push(message)
    channel.spared = message
    return true
  }

  // The channel gets a newer message, so the spared one is evicted first again: all others on the timeline are newer.
  #unspare (channel: Channel): void {
    if (channel.spared === undefined) return
    this.#spared.remove(channel.spared)
    this.#timeline.unshift(channel.spared)
    channel.spared = undefined
  }
}
