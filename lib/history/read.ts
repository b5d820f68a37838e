import type { Channel, StoredMessage } from './channel.ts'
import type { GapReason } from '../protocol/wire.ts'

/** Messages that the history no longer has, at the position of the last of them. */
export interface Gap {
  readonly offset: number
  readonly reason: GapReason
  readonly channels: Channel[]
}

export interface Reading {
  /** messages and gaps in log order */
  readonly items: (StoredMessage | Gap)[]
  /** the position reached: everything up to it is in `items` */
  readonly end: number
}

export function isGap (item: StoredMessage | Gap): item is Gap {
  return 'reason' in item
}

export interface ReadOptions {
  /** at most so many bytes of frames, but one message at least */
  readonly budget: number
  /** channels that start later than the rest: after this offset, without a gap for what is before */
  readonly floors?: ReadonlyMap<Channel, number> | undefined
  /** for a reader that fell behind: of the channels whose `slowConsumer` is `latest` only the newest message */
  readonly behind?: boolean
  /** stop at the end of a page, so that readers who began elsewhere go on from the same positions */
  readonly paged?: boolean
}

// A page ends after a message whose offset is a multiple of this, whatever else the log holds.
const PAGE_OFFSETS = 64

/**
 * Reads what channels have after `from` and up to `to`, in log order. A channel of which something in between was
 * evicted has a gap there.
 */
export function read (channels: Iterable<Channel>, from: number, to: number, options: ReadOptions): Reading {
  const heads: Head[] = []
  for (const channel of channels) {
    const start = Math.max(from, options.floors?.get(channel) ?? 0)
    if (channel.newest > start) heads.push(new Head(channel, start, to, options.behind === true))
  }
  return heads.length === 1 ? readOne(heads[0] as Head, to, options) : merge(heads, to, options)
}

/** Where the reading of one channel stands. */
class Head {
  readonly #channel: Channel
  #index: number
  #gap: Gap | undefined
  /** of what comes next, Infinity when there is nothing */
  offset: number

  constructor (channel: Channel, from: number, to: number, behind: boolean) {
    this.#channel = channel
    this.#index = channel.indexAfter(from)
    if (channel.evicted > from) this.#gap = { offset: channel.evicted, reason: 'evicted', channels: [channel] }
    if (behind && channel.limits.slowConsumer === 'latest') this.#skip(to)
    this.offset = this.#gap?.offset ?? this.#messageOffset()
  }

  take (): StoredMessage | Gap {
    const item = this.#gap ?? this.#channel.messages.at(this.#index++) as StoredMessage
    this.#gap = undefined
    this.offset = this.#messageOffset()
    return item
  }

  // The newest that may be read: a gap beyond `to` would go untold.
  #skip (to: number): void {
    const newest = this.#channel.indexAfter(to) - 1
    if (this.#index >= newest) return
    const { offset } = this.#channel.messages.at(newest - 1) as StoredMessage
    this.#gap = { offset, reason: 'skipped', channels: [this.#channel] }
    this.#index = newest
  }

  #messageOffset (): number {
    return this.#channel.messages.at(this.#index)?.offset ?? Infinity
  }
}

function readOne (head: Head, to: number, { budget, paged }: ReadOptions): Reading {
  const items: Reading['items'] = []
  for (let rest = budget; head.offset <= to;) {
    const last = items.at(-1)
    if (paged === true && endsPage(last)) return { items, end: last.offset }
    if (rest <= 0) return { items, end: head.offset - 1 }
    rest -= cost(append(items, head.take()))
  }
  return { items, end: to }
}

// A scan for the lowest head is enough: a connection has at most a few hundred channels, and few of them have news.
function merge (heads: Head[], to: number, { budget, paged }: ReadOptions): Reading {
  const items: Reading['items'] = []
  for (let rest = budget, head = lowest(heads); head !== undefined && head.offset <= to; head = lowest(heads)) {
    const last = items.at(-1)
    if (paged === true && endsPage(last) && head.offset > last.offset) return { items, end: last.offset }
    if (rest <= 0 && head.offset !== last?.offset) return { items, end: head.offset - 1 }
    rest -= cost(append(items, head.take()))
  }
  return { items, end: to }
}

function endsPage (item: StoredMessage | Gap | undefined): item is StoredMessage | Gap {
  return item !== undefined && item.offset % PAGE_OFFSETS === 0
}

function lowest (heads: Head[]): Head | undefined {
  let first = heads[0]
  for (const head of heads) {
    if (head.offset < (first as Head).offset) first = head
  }
  return first
}

// Channels that took their number from the same slot of the table of evictions share one gap.
function append (items: Reading['items'], item: StoredMessage | Gap): StoredMessage | Gap {
  const last = items.at(-1)
  if (last !== undefined && isGap(item) && isGap(last) && last.offset === item.offset) last.channels.push(...item.channels)
  else items.push(item)
  return item
}

function cost (item: StoredMessage | Gap): number {
  return isGap(item) ? 0 : item.frameBytes
}
