import { Deque } from './deque.ts'
import type { SlowConsumer } from './options.ts'

// {"id":"","channel":,"data":,"history":true} and the separator
const FRAME_BYTES = 48

/** A published message as the history holds it. */
export interface StoredMessage {
  readonly offset: number
  readonly id: string
  readonly channel: Channel
  /** the published value as JSON text */
  readonly data: string
  /** what it costs in memory, bytes */
  readonly bytes: number
  /** what its frame takes on the wire, bytes, without what the transport adds */
  readonly frameBytes: number
  /** when it came, ms of the monotonic clock */
  readonly time: number
  /** the messages held that came before and after it, over all channels */
  older: StoredMessage | undefined
  newer: StoredMessage | undefined
}

export interface ChannelLimits {
  readonly size: number
  readonly age: number
  readonly bytes: number
  readonly retain: boolean
  readonly slowConsumer: SlowConsumer
}

/** Whoever is served when a channel has news: an audience of connections, or listeners in this process. */
export interface ChannelUser {
  /** Called once a flush in which one of its channels has news: it lies after `from`, and up to `to`. */
  serve (from: number, to: number): void
  /** Called when another epoch has begun: whatever was not handed out is gone. */
  restart (): void
}

/** A channel: its bounded history, how far that was evicted, and who uses it. */
export class Channel {
  readonly name: string
  /** the name as JSON text, for frames */
  readonly json: string
  readonly #jsonBytes: number
  readonly limits: ChannelLimits
  readonly messages = new Deque<StoredMessage>()
  readonly users = new Set<ChannelUser>()
  /** bytes of the messages held */
  bytes = 0
  /** offset of the last message that the history no longer holds */
  evicted: number

  constructor (name: string, limits: ChannelLimits, evicted: number) {
    this.name = name
    this.json = JSON.stringify(name)
    this.#jsonBytes = Buffer.byteLength(this.json)
    this.limits = limits
    this.evicted = evicted
  }

  /** Offset of the newest message, held or not. */
  get newest (): number {
    return this.messages.last()?.offset ?? this.evicted
  }

  /** Bytes of a message frame with that id and so much data. */
  frameBytes (id: string, dataBytes: number): number {
    return FRAME_BYTES + 2 * id.length + this.#jsonBytes + dataBytes
  }

  get idle (): boolean {
    return this.users.size === 0 && this.messages.length === 0
  }

  /** Index of the first held message after `offset`; `messages.length` when there is none. */
  indexAfter (offset: number): number {
    let low = 0
    let high = this.messages.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.messages.at(middle) as StoredMessage).offset > offset) high = middle
      else low = middle + 1
    }
    return low
  }
}

/** All who use one of these channels, each once. */
export function usersOf (channels: Iterable<Channel>): Set<ChannelUser> {
  const users = new Set<ChannelUser>()
  for (const channel of channels) {
    for (const user of channel.users) users.add(user)
  }
  return users
}
