import { Channel, type StoredMessage } from './channel.ts'
import { channelBytes, messageBytes } from './costs.ts'
import { EvictionOrder } from './eviction-order.ts'
import { EvictionTable } from './eviction-table.ts'
import { Limits } from './limits.ts'
import type { HistorySettings } from './settings.ts'

// The most channels that one step of a sweep looks at, and the most messages that it evicts for their age: each takes a
// few milliseconds.
const MAX_SWEPT = 10_000
const MAX_AGED = 10_000

/**
 * All channels with their retained messages. They are bounded for each channel by count, age and bytes, and together by
 * bytes.
 */
export class History {
  readonly #channels = new Map<string, Channel>()
  readonly #evictions = new EvictionTable()
  readonly #order = new EvictionOrder()
  readonly #limits: Limits
  readonly #historyBytes: number
  #sweeping: Iterator<Channel>
  /** the channel at which a sweep has stopped */
  #swept: Channel | undefined
  /** the offset up to which everything has been delivered: no message after it is evicted */
  served = 0
  /** the number of retained messages */
  messages = 0
  /** the cost of the messages, and of the channels that have some, in bytes */
  bytes = 0
  /** the number of messages evicted so far */
  evicted = 0

  constructor (settings: HistorySettings) {
    this.#limits = new Limits(settings)
    this.#historyBytes = settings.historyBytes
    this.#sweeping = this.#channels.values()
  }

  /** the number of channels that have users or messages */
  get channels (): number {
    return this.#channels.size
  }

  /** these channels */
  get all (): Iterable<Channel> {
    return this.#channels.values()
  }

  /** The channel of that name, created if there is none. Throws what a limit of the application throws. */
  channel (name: string): Channel {
    return this.#channels.get(name) ?? this.#create(name)
  }

  /** The channel of that name for a reader: without messages that have expired, and not added if there is none. */
  peek (name: string): Channel {
    const channel = this.#channels.get(name)
    if (channel === undefined) return new Channel(name, this.#limits.of(name), this.#evictions.of(name))
    this.age([channel])
    return channel
  }

  /** Adds a message, which was published `age` ms ago. Throws what a limit of the application throws. */
  add (name: string, offset: number, id: string, data: string, age = 0): StoredMessage {
    const channel = this.channel(name)
    const dataBytes = Buffer.byteLength(data)
    const message: StoredMessage = {
      offset,
      id,
      channel,
      data,
      bytes: messageBytes(data, dataBytes),
      frameBytes: channel.frameBytes(id, dataBytes),
      time: performance.now() - age,
      older: undefined,
      newer: undefined
    }
    channel.retain(message)
    this.#order.push(message)
    this.#account(channel, 1, message.bytes)
    return message
  }

  /** A message of the channel exists that cannot be retained. */
  miss (name: string, offset: number): void {
    this.#evictions.note(name, offset)
  }

  /**
   * Evicts everything: no message up to `offset` is retained, of any channel. Messages that are added up to `served`
   * may be evicted immediately.
   */
  reset (offset: number, served: number = offset): void {
    for (const channel of this.#channels.values()) {
      while (channel.messages.length > 0) this.#evict(channel.messages.at(0) as StoredMessage)
      channel.evicted = offset
    }
    this.#evictions.fill(offset)
    for (const channel of this.#channels.values()) this.release(channel)
    this.served = served
  }

  /** Enforces the limits of these channels and of the history. Called once for each flush. */
  trim (channels: Iterable<Channel>): void {
    for (const channel of channels) {
      const { size, bytes } = channel.limits
      this.#evictWhile(channel, () => channel.messages.length > size || channel.bytes > bytes)
    }
    this.age(channels)
    for (const channel of channels) this.release(channel)
    this.#trimBytes()
  }

  /** Evicts the expired messages of these channels: 10,000 at most, the rest is left to the next sweeps. */
  age (channels: Iterable<Channel>): void {
    const now = performance.now()
    const limit = this.evicted + MAX_AGED
    for (const channel of channels) this.#trimAge(channel, now, limit)
  }

  /**
   * Evicts expired messages and forgets unused channels, a part of them at each call. Returns whether there is more to
   * evict now.
   */
  sweep (): boolean {
    const now = performance.now()
    const limit = this.evicted + MAX_AGED
    for (let i = 0; i < MAX_SWEPT; i++) {
      this.#swept ??= this.#nextToSweep()
      if (this.#swept === undefined) return false
      this.#trimAge(this.#swept, now, limit)
      if (this.evicted >= limit) return true
      this.release(this.#swept)
      this.#swept = undefined
    }
    return false
  }

  /** Forgets the channel if it has neither users nor messages. */
  release (channel: Channel): void {
    if (!channel.idle || this.#channels.get(channel.name) !== channel) return
    this.#evictions.note(channel.name, channel.evicted)
    this.#channels.delete(channel.name)
  }

  #create (name: string): Channel {
    const limits = this.#limits.of(name)
    // A limit of the application may have published to this channel.
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const channel = new Channel(name, limits, this.#evictions.of(name))
    this.#channels.set(name, channel)
    return channel
  }

  // A sweep ends after the last channel; the next one starts over.
  #nextToSweep (): Channel | undefined {
    const { done, value } = this.#sweeping.next()
    if (done !== true) return value
    this.#sweeping = this.#channels.values()
    return undefined
  }

  /** Evicts expired messages until `evicted` reaches `limit`. */
  #trimAge (channel: Channel, now: number, limit: number): void {
    const { age, retain } = channel.limits
    const kept = retain ? 1 : 0
    const isDue = (oldest: StoredMessage): boolean => channel.messages.length > kept && oldest.time < now - age
    this.#evictWhile(channel, (oldest) => this.evicted < limit && isDue(oldest))
  }

  // The newest messages of `retain` channels are evicted last, and only if they alone exceed the limit.
  #trimBytes (): void {
    while (this.bytes > this.#historyBytes) {
      const { first } = this.#order
      if (first === undefined || first.offset > this.served) return
      if (this.#order.spare(first)) continue
      this.#evict(first)
      this.release(first.channel)
    }
  }

  #evictWhile (channel: Channel, isDue: (oldest: StoredMessage) => boolean): void {
    for (;;) {
      const oldest = channel.messages.at(0)
      if (oldest === undefined || oldest.offset > this.served || !isDue(oldest)) return
      this.#evict(oldest)
    }
  }

  // The message is the oldest of its channel: eviction is always from the front.
  #evict (message: StoredMessage): void {
    const { channel } = message
    channel.dropOldest()
    this.#order.remove(message)
    channel.evicted = message.offset
    this.evicted++
    this.#account(channel, -1, -message.bytes)
  }

  #account (channel: Channel, messages: 1 | -1, bytes: number): void {
    channel.bytes += bytes
    this.bytes += bytes
    this.messages += messages
    // A channel without messages is no history: its memory is accounted to its users.
    const isFirstOrLast = channel.messages.length === (messages === 1 ? 1 : 0)
    if (isFirstOrLast) this.bytes += messages * channelBytes(channel.name)
  }
}
