import type { Channel, StoredMessage } from '../../history/channel.ts'
import { Heap } from '../../util/heap.ts'

/** The offsets after which channels start that start later than the others of a subscription, without a gap. */
export type StartOffsets = ReadonlyMap<Channel, number>

/** The start offsets for the last messages of each channel, `history` by name; none of a channel that is not named. */
export function historyStarts (channels: readonly Channel[], history: ReadonlyMap<string, number>): StartOffsets {
  return new Map(channels.map((channel) => [channel, channel.offsetBefore(history.get(channel.name) ?? 0)]))
}

/** The start offsets for everything that is retained of the channels after `offset`. */
export function retainedStarts (channels: readonly Channel[], offset: number): StartOffsets {
  return new Map(channels.map((channel) => [channel, Math.max(channel.evicted, offset)]))
}

/** The start offsets that still matter at this position; `undefined` if none does. */
export function startsAfter (starts: StartOffsets | undefined, position: number): StartOffsets | undefined {
  if (starts === undefined) return undefined
  const later = [...starts].filter(([, start]) => start > position)
  return later.length === 0 ? undefined : new Map(later)
}

/**
 * Raises the start offsets until the messages after them fit into `maxBytes`. The newest messages stay. It looks at
 * what fits and no further, newest first.
 */
export function startsWithin (starts: StartOffsets, maxBytes: number): StartOffsets {
  if (maxBytes === Infinity) return starts
  const tails = tailsAfter(starts)
  let bytes = 0
  for (let tail = tails.largest; tail !== undefined; tail = tails.largest) {
    const { offset, frameBytes } = tail.message
    bytes += frameBytes
    if (bytes > maxBytes) return new Map([...starts].map(([channel, start]) => [channel, Math.max(start, offset)]))
    const message = tail.channel.messages.at(tail.index - 1)
    if (message === undefined || message.offset <= tail.start) tails.removeLargest()
    else tails.replaceLargest({ ...tail, index: tail.index - 1, message })
  }
  return starts
}

/** The messages of a channel that are still to be looked at: those up to `index`. */
interface Tail {
  readonly channel: Channel
  readonly start: number
  readonly index: number
  /** the one at `index` */
  readonly message: StoredMessage
}

function tailsAfter (starts: StartOffsets): Heap<Tail> {
  const tails = new Heap<Tail>(({ message }) => message.offset)
  for (const [channel, start] of starts) {
    const message = channel.messages.last()
    if (message === undefined || message.offset <= start) continue
    tails.push({ channel, start, index: channel.messages.length - 1, message })
  }
  return tails
}
