import type { Channel, StoredMessage } from '../../history/channel.ts'
import { Heap } from '../../util/heap.ts'

/** Channels that start later than others of the same subscription: after these offsets, without a gap. */
export type Floors = ReadonlyMap<Channel, number> | undefined

/** After this offset a channel has its last `count` messages, of those that are held. */
export function floorOf (channel: Channel, count: number): number {
  if (count === 0) return channel.newest
  const index = channel.messages.length - count - 1
  return channel.messages.at(index)?.offset ?? channel.evicted
}

/** Offset of the first message held after another; Infinity when there is none. */
export function firstAfter (channel: Channel, offset: number): number {
  return channel.messages.at(channel.indexAfter(offset))?.offset ?? Infinity
}

/** The floors that still matter at this position. */
export function floorsAbove (floors: Floors, position: number): Floors {
  if (floors === undefined) return undefined
  const above = [...floors].filter(([, floor]) => floor > position)
  return above.length === 0 ? undefined : new Map(above)
}

/**
 * Raises the floors so far that what lies above them fits into so many bytes. The newest messages stay. It looks at what
 * fits and no further, newest first.
 */
export function withinBytes (floors: Map<Channel, number>, maxBytes: number): Map<Channel, number> {
  if (maxBytes === Infinity) return floors
  const tails = tailsAbove(floors)
  let bytes = 0
  for (let tail = tails.largest; tail !== undefined; tail = tails.largest) {
    const { offset, frameBytes } = tail.message
    bytes += frameBytes
    if (bytes > maxBytes) return new Map([...floors].map(([channel, floor]) => [channel, Math.max(floor, offset)]))
    const message = tail.channel.messages.at(tail.index - 1)
    if (message === undefined || message.offset <= tail.floor) tails.removeLargest()
    else tails.replaceLargest({ ...tail, index: tail.index - 1, message })
  }
  return floors
}

/** The end of a channel that is still to be looked at. */
interface Tail {
  readonly channel: Channel
  readonly floor: number
  readonly index: number
  /** the one at `index` */
  readonly message: StoredMessage
}

function tailsAbove (floors: ReadonlyMap<Channel, number>): Heap<Tail> {
  const tails = new Heap<Tail>(({ message }) => message.offset)
  for (const [channel, floor] of floors) {
    const message = channel.messages.last()
    if (message !== undefined && message.offset > floor) tails.push({ channel, floor, index: channel.messages.length - 1, message })
  }
  return tails
}
