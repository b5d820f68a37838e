import type { Channel } from './channel.ts'
import { type GapItem, isGap, type LogItem, type Slice } from './slice.ts'

/** How `readSlice` reads. */
export interface ReadOptions {
  /** The most bytes of frames; a slice has at least one message, if there is one. */
  readonly budget: number
  /** Names the offset of a gap. */
  readonly toCursor: (offset: number) => string
  /** Channels that start later than the others: after this offset, without a gap for what precedes it. */
  readonly startOffsets?: ReadonlyMap<Channel, number> | undefined
  /** For a reader that fell behind: only the newest message of the channels whose `slowConsumer` is `latest`. */
  readonly isBehind?: boolean
  /** Whether to stop at the end of a page, so that readers that began elsewhere continue from the same offsets. */
  readonly isPaged?: boolean
}

// A page ends after a message whose offset is a multiple of this, independent of what the log contains.
const PAGE_OFFSETS = 64

/**
 * Reads what channels have after `from` and up to `to`, in log order. A channel some of whose messages in between were
 * evicted has a gap there.
 */
export function readSlice (
  channels: Iterable<Channel>, from: number, to: number, options: ReadOptions
): Slice<LogItem> {
  const heads: Head[] = []
  for (const channel of channels) {
    const start = Math.max(from, options.startOffsets?.get(channel) ?? 0)
    if (channel.newest > start) heads.push(new Head(channel, start, to, options))
  }
  return merge(heads, to, options)
}

// A scan for the lowest head is enough: a connection has at most a few hundred channels, and few of them have news.
function merge (heads: readonly Head[], to: number, options: ReadOptions): Slice<LogItem> {
  const items: LogItem[] = []
  let bytes = 0
  for (let head = lowest(heads); head !== undefined && head.offset <= to; head = lowest(heads)) {
    const end = endBefore(head.offset, items.at(-1), bytes, options)
    if (end !== undefined) return { items, end, bytes }
    bytes += cost(append(items, head.take()))
  }
  return { items, end: to, bytes }
}

/** Where the reading of one channel stands. */
class Head {
  readonly #channel: Channel
  #index: number
  #gap: GapItem | undefined
  /** of what comes next, `Infinity` when there is nothing */
  offset: number

  constructor (channel: Channel, from: number, to: number, { isBehind, toCursor }: ReadOptions) {
    this.#channel = channel
    this.#index = channel.indexAfter(from)
    if (channel.evicted > from) this.#gap = this.#gapAt(channel.evicted, 'evicted', toCursor)
    if (isBehind === true && channel.limits.slowConsumer === 'latest') this.#skip(to, toCursor)
    this.offset = this.#gap?.offset ?? this.#messageOffset()
  }

  take (): LogItem {
    const item = this.#gap ?? this.#channel.messages.at(this.#index++) as LogItem
    this.#gap = undefined
    this.offset = this.#messageOffset()
    return item
  }

  // To the newest that may be read: a gap beyond `to` would never be announced.
  #skip (to: number, toCursor: ReadOptions['toCursor']): void {
    const newest = this.#channel.indexAfter(to) - 1
    if (this.#index >= newest) return
    this.#gap = this.#gapAt((this.#channel.messages.at(newest - 1) as { offset: number }).offset, 'skipped', toCursor)
    this.#index = newest
  }

  #gapAt (offset: number, reason: GapItem['reason'], toCursor: ReadOptions['toCursor']): GapItem {
    return { offset, cursor: toCursor(offset), reason, channels: [this.#channel.name] }
  }

  #messageOffset (): number {
    return this.#channel.messages.at(this.#index)?.offset ?? Infinity
  }
}

/**
 * Where the slice ends, if it must end before an item at offset `next`; `undefined` if the item belongs to it.
 *
 * A slice never ends between two items of the same offset: the gaps of channels that share a slot of the eviction table
 * are one frame. `next - 1` is a position because none of the channels has anything between the last item and the next.
 */
function endBefore (next: number, last: LogItem | undefined, bytes: number, options: ReadOptions): number | undefined {
  if (last?.offset === next) return undefined
  if (options.isPaged === true && last !== undefined && last.offset % PAGE_OFFSETS === 0) return last.offset
  return bytes >= options.budget ? next - 1 : undefined
}

function lowest (heads: readonly Head[]): Head | undefined {
  let first = heads[0]
  for (const head of heads) {
    if (head.offset < (first as Head).offset) first = head
  }
  return first
}

// Channels that took their offset from the same slot of the eviction table share one gap.
function append (items: LogItem[], item: LogItem): LogItem {
  const last = items.at(-1)
  const isSameGap = last !== undefined && isGap(item) && isGap(last) && last.offset === item.offset
  if (isSameGap) last.channels.push(...item.channels)
  else items.push(item)
  return item
}

function cost (item: LogItem): number {
  return isGap(item) ? 0 : item.frameBytes
}
