import type { Channel, StoredMessage } from './channel.ts'

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

/** Raises the floors so far that what lies above them fits into so many bytes. The newest messages stay. */
export function withinBytes (floors: Map<Channel, number>, maxBytes: number): Map<Channel, number> {
  const messages: StoredMessage[] = []
  for (const [channel, floor] of floors) {
    for (let i = channel.indexAfter(floor); i < channel.messages.length; i++) messages.push(channel.messages.at(i) as StoredMessage)
  }
  messages.sort((a, b) => b.offset - a.offset)
  let bytes = 0
  const cut = messages.find((message) => (bytes += message.frameBytes) > maxBytes)
  return cut === undefined ? floors : new Map([...floors].map(([channel, floor]) => [channel, Math.max(floor, cut.offset)]))
}
