import { Deque } from '../util/deque.ts'
import type { SlowConsumer } from './settings.ts'
import { SmallSet } from '../util/small-set.ts'

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

/** How much of its messages a channel retains. */
export interface ChannelLimits {
  /** messages */
  readonly size: number
  /** ms */
  readonly age: number
  /** bytes of its messages in memory */
  readonly bytes: number
  /** Whether the newest message stays, whatever its age. */
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

/** The messages that a channel holds, oldest first. */
export type RetainedMessages = Pick<Deque<StoredMessage>, 'at' | 'last' | 'length'>

const NONE: RetainedMessages = new Deque<StoredMessage>()

/**
 * A channel: its bounded history, how far that was evicted, and who uses it. Whoever subscribes may name many channels
 * on which nothing is ever published: one without messages takes as little memory as possible.
 */
export class Channel {
  readonly name: string
  readonly limits: ChannelLimits
  readonly users = new SmallSet<ChannelUser>()
  #messages: Deque<StoredMessage> | undefined
  #json: string | undefined
  #evicted: number
  /** Offset of the newest message, held or not. */
  newest: number
  /** bytes of the messages held */
  bytes = 0
  /** its newest message, where that is held only because the channel retains it */
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

  /** offset of the last message that the history no longer holds */
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

  dropOldest (): void {
    this.#messages?.shift()
  }

  /** Bytes of a message frame with that id and so much data. */
  frameBytes (id: string, dataBytes: number): number {
    return FRAME_BYTES + 2 * id.length + Buffer.byteLength(this.json) + dataBytes
  }

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
    channel.users.forEach((user) => { users.add(user) })
  }
  return users
}
