import { Deque } from '../util/deque.ts'
import type { SlowConsumer } from './settings.ts'
import { SmallSet } from '../util/small-set.ts'

// {"id":"","channel":,"data":,"history":true} and the separator
const FRAME_BYTES = 48

/** A published message, as the history retains it. */
export interface StoredMessage {
  readonly offset: number
  readonly id: string
  readonly channel: Channel
  /** the published value as JSON text */
  readonly data: string
  /** its cost in memory, in bytes */
  readonly bytes: number
  /** the size of its frame, in bytes, without what the transport adds */
  readonly frameBytes: number
  /** when it was published, in ms of the monotonic clock */
  readonly time: number
  /** the retained messages before and after it, over all channels */
  older: StoredMessage | undefined
  newer: StoredMessage | undefined
}

/** How many of its messages a channel retains. */
export interface ChannelLimits {
  /** the number of messages */
  readonly size: number
  /** in ms */
  readonly age: number
  /** the cost of its messages in memory, in bytes */
  readonly bytes: number
  /** whether the newest message stays, whatever its age */
  readonly retain: boolean
  readonly slowConsumer: SlowConsumer
}

/** What is served when a channel has new messages: an audience of connections, or a listener in this process. */
export interface ChannelUser {
  /** Called once for each flush in which one of its channels has messages after `from` and up to `to`. */
  serve (from: number, to: number): void
  /** Called when another epoch has begun: what has not been delivered is gone. */
  restart (): void
}

/** The messages that a channel retains, oldest first. */
export type RetainedMessages = Pick<Deque<StoredMessage>, 'at' | 'last' | 'length'>

const NONE: RetainedMessages = new Deque<StoredMessage>()

/**
 * A channel: its bounded history, the offset up to which that was evicted, and its users. Clients may subscribe to many
 * channels on which nothing is ever published, so a channel without messages takes as little memory as possible.
 */
export class Channel {
  readonly name: string
  readonly limits: ChannelLimits
  readonly users = new SmallSet<ChannelUser>()
  #messages: Deque<StoredMessage> | undefined
  #json: string | undefined
  #evicted: number
  /** the offset of the newest message, retained or not */
  newest: number
  /** the cost of the retained messages, in bytes */
  bytes = 0
  /** its newest message, if that is in memory only because of the limit `retain` */
  spared: StoredMessage | undefined

  constructor (name: string, limits: ChannelLimits, evicted: number) {
    this.name = name
    this.limits = limits
    this.#evicted = this.newest = evicted
  }

  /** the name as JSON text, for frames */
  get json (): string {
    this.#json ??= JSON.stringify(this.name)
    return this.#json
  }

  get messages (): RetainedMessages {
    return this.#messages ?? NONE
  }

  /** the offset of the last message that was evicted */
  get evicted (): number {
    return this.#evicted
  }

  set evicted (offset: number) {
    this.#evicted = offset
    if (this.messages.length === 0) this.newest = offset
  }

  /** Adds the newest message. */
  retain (message: StoredMessage): void {
    this.#messages ??= new Deque()
    this.#messages.push(message)
    this.newest = message.offset
  }

  /** Removes the oldest message. */
  dropOldest (): void {
    this.#messages?.shift()
  }

  /** The size of a message frame with that id and `dataBytes` bytes of data, in bytes: an upper bound. */
  frameBytes (id: string, dataBytes: number): number {
    return FRAME_BYTES + 2 * id.length + Buffer.byteLength(this.json) + dataBytes
  }

  /** whether it has neither users nor messages */
  get idle (): boolean {
    return this.users.size === 0 && this.messages.length === 0
  }

  /** The offset after which the channel has its last `count` messages, of those that are retained. */
  offsetBefore (count: number): number {
    if (count === 0) return this.newest
    return this.messages.at(this.messages.length - count - 1)?.offset ?? this.evicted
  }

  /** The offset of the first retained message after `offset`; `Infinity` if there is none. */
  firstAfter (offset: number): number {
    return this.messages.at(this.indexAfter(offset))?.offset ?? Infinity
  }

  /** The index of the first retained message after `offset`; `messages.length` if there is none. */
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

/** All users of these channels, each once. */
export function usersOf (channels: Iterable<Channel>): Set<ChannelUser> {
  const users = new Set<ChannelUser>()
  for (const channel of channels) {
    channel.users.forEach((user) => { users.add(user) })
  }
  return users
}
