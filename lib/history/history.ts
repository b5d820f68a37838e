import { Channel, type StoredMessage } from './channel.ts'
import { channelBytes, messageBytes } from './costs.ts'
import { EvictionTable } from './eviction-table.ts'
import { Limits } from './limits.ts'
import { LinkedList } from '../util/linked-list.ts'
import type { HistorySettings } from './settings.ts'

// At most so many channels are looked at, and messages evicted for their age, at once: a few milliseconds.
const SWEPT_AT_ONCE = 10_000
const AGED_AT_ONCE = 10_000

/** All channels with the messages they hold, bounded for each channel by count, age and bytes, and in all by bytes. */
export class History {
  readonly #channels = new Map<string, Channel>()
  readonly #evictions = new EvictionTable()
  readonly #timeline = new LinkedList<StoredMessage>()
  /** newest messages of `retain` channels that would have been evicted to save bytes */
  readonly #spared = new LinkedList<StoredMessage>()
  readonly #limits: Limits
  readonly #historyBytes: number
  #sweeping: Iterator<Channel>
  /** the channel at which a sweep has stopped */
  #swept: Channel | undefined
  /** offset up to which everything was handed out: nothing after it is let go */
  served = 0
  messages = 0
  /** of the messages, and of the channels that hold some */
  bytes = 0
  evicted = 0

  constructor (settings: HistorySettings) {
    this.#limits = new Limits(settings)
    this.#historyBytes = settings.historyBytes
    this.#sweeping = this.#channels.values()
  }

  get channels (): number {
    return this.#channels.size
  }

  get all (): Iterable<Channel> {
    return this.#channels.values()
  }

  /** The channel of that name, made when there is none. */
  channel (name: string): Channel {
    return this.#channels.get(name) ?? this.#create(name)
  }

  /** The channel of that name as a reader finds it: without what is too old by now. Not kept when there is none. */
  peek (name: string): Channel {
    const channel = this.#channels.get(name)
    if (channel === undefined) return new Channel(name, this.#limits.of(name), this.#evictions.of(name))
    this.age([channel])
    return channel
  }

  /** `age`: how long ago it was published, ms. */
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
    this.#unspare(channel)
    channel.retain(message)
    this.#timeline.push(message)
    this.#account(channel, 1, message.bytes)
    return message
  }

  /** A message of a channel that cannot be kept. */
  miss (name: string, offset: number): void {
    this.#evictions.note(name, offset)
  }

  /** Lets everything go: of whatever channel, nothing up to this offset is held. What is added up to `served` may be let go again at once. */
  reset (offset: number, served: number = offset): void {
    for (const channel of this.#channels.values()) {
      while (channel.messages.length > 0) this.#evict(channel.messages.at(0) as StoredMessage)
      channel.evicted = offset
    }
    this.#evictions.fill(offset)
    for (const channel of this.#channels.values()) this.release(channel)
    this.served = served
  }

  /** Brings these channels and the whole within their limits. Called once a flush. */
  trim (channels: Iterable<Channel>): void {
    for (const channel of channels) {
      const { size, bytes } = channel.limits
      this.#evictWhile(channel, () => channel.messages.length > size || channel.bytes > bytes)
    }
    this.age(channels)
    for (const channel of channels) this.release(channel)
    this.#trimBytes()
  }

  /** Evicts what is too old of these channels: 10,000 messages at most, the rest is left to the next sweeps. */
  age (channels: Iterable<Channel>): void {
    const now = performance.now()
    const limit = this.evicted + AGED_AT_ONCE
    for (const channel of channels) this.#trimAge(channel, now, limit)
  }

  /**
   * Evicts what is too old, and forgets the channels that nobody uses: a part of them at each call. Returns whether
   * more is to be evicted now.
   */
  sweep (): boolean {
    const now = performance.now()
    const limit = this.evicted + AGED_AT_ONCE
    for (let i = 0; i < SWEPT_AT_ONCE; i++) {
      this.#swept ??= this.#nextToSweep()
      if (this.#swept === undefined) return false
      this.#trimAge(this.#swept, now, limit)
      if (this.evicted >= limit) return true
      this.release(this.#swept)
      this.#swept = undefined
    }
    return false
  }

  /** Forgets the channel if nobody uses it and nothing of it is held. */
  release (channel: Channel): void {
    if (!channel.idle || this.#channels.get(channel.name) !== channel) return
    this.#evictions.note(channel.name, channel.evicted)
    this.#channels.delete(channel.name)
  }

  #create (name: string): Channel {
    const limits = this.#limits.of(name)
    // A limit of the application may have published to the very channel.
    const known = this.#channels.get(name)
    if (known !== undefined) return known
    const channel = new Channel(name, limits, this.#evictions.of(name))
    this.#channels.set(name, channel)
    return channel
  }

  // The end of all channels ends a sweep; the next one begins anew.
  #nextToSweep (): Channel | undefined {
    const { done, value } = this.#sweeping.next()
    if (done !== true) return value
    this.#sweeping = this.#channels.values()
    return undefined
  }

  /** Until `evicted` reaches the limit. */
  #trimAge (channel: Channel, now: number, limit: number): void {
    const { age, retain } = channel.limits
    const kept = retain ? 1 : 0
    this.#evictWhile(channel, (oldest) => this.evicted < limit && channel.messages.length > kept && oldest.time < now - age)
  }

  // The newest messages of `retain` channels go last, and only where they alone are too much.
  #trimBytes (): void {
    while (this.bytes > this.#historyBytes) {
      const oldest = this.#timeline.oldest ?? this.#spared.oldest
      if (oldest === undefined || oldest.offset > this.served) return
      if (isRetained(oldest) && oldest.channel.spared === undefined) this.#spare(oldest)
      else {
        this.#evict(oldest)
        this.release(oldest.channel)
      }
    }
  }

  #spare (message: StoredMessage): void {
    this.#timeline.remove(message)
    this.#spared.push(message)
    message.channel.spared = message
  }

  // Its channel has a newer one: it is again the first to go. All others on the timeline are newer.
  #unspare (channel: Channel): void {
    if (channel.spared === undefined) return
    this.#spared.remove(channel.spared)
    this.#timeline.unshift(channel.spared)
    channel.spared = undefined
  }

  #evictWhile (channel: Channel, isDue: (oldest: StoredMessage) => boolean): void {
    for (;;) {
      const oldest = channel.messages.at(0)
      if (oldest === undefined || oldest.offset > this.served || !isDue(oldest)) return
      this.#evict(oldest)
    }
  }

  // It is the oldest of its channel: all that is let go is let go from the front.
  #evict (message: StoredMessage): void {
    const { channel } = message
    channel.dropOldest()
    if (channel.spared === message) {
      channel.spared = undefined
      this.#spared.remove(message)
    } else this.#timeline.remove(message)
    channel.evicted = message.offset
    this.evicted++
    this.#account(channel, -1, -message.bytes)
  }

  #account (channel: Channel, messages: 1 | -1, bytes: number): void {
    channel.bytes += bytes
    this.bytes += bytes
    this.messages += messages
    // A channel without messages is no history: its memory belongs to those who use it.
    const isFirstOrLast = channel.messages.length === (messages === 1 ? 1 : 0)
    if (isFirstOrLast) this.bytes += messages * channelBytes(channel.name)
  }
}

function isRetained (message: StoredMessage): boolean {
  return message.channel.limits.retain && message.channel.messages.last() === message
}
