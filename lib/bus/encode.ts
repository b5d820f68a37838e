import { Batch } from '../transports/batch.ts'
import type { StoredMessage } from '../history/channel.ts'
import { controlFrame, type WireFrame, withoutId } from '../transports/frames.ts'
import type { JoinedFrame } from '../protocol/wire.ts'
import { type Gap, isGap, type Reading } from '../history/read.ts'
import type { Transport } from '../transports/transport.ts'

/** Turns a log's offset into a cursor. */
export type ToCursor = (offset: number) => string

/** What was read, as one batch for that transport. */
export function encode (transport: Transport, reading: Reading, toCursor: ToCursor): Batch {
  const { messages, gaps } = countOf(reading)
  return new Batch(transport.encode(liveFrames(reading, toCursor)), messages, gaps)
}

/** How many messages and gaps were read. */
export function countOf ({ items }: Reading): { messages: number, gaps: number } {
  const gaps = items.filter(isGap).length
  return { messages: items.length - gaps, gaps }
}

/** The frames of what was read, live: each with the position it leads to. */
export function liveFrames ({ items }: Reading, toCursor: ToCursor): WireFrame[] {
  return items.map((item) => isGap(item) ? gapFrame(item, toCursor(item.offset)) : messageFrame(item))
}

/** The frames of what was read of the past of channels that join, by a client that is at `cursor`. */
export function historyFrames ({ items }: Reading, cursor: string): WireFrame[] {
  // A gap in it, made while the reader was slow, must not move the client's position: it has the position it came with.
  return items.map((item) => isGap(item) ? withoutId(gapFrame(item, cursor)) : historyFrame(item))
}

export function messageFrame ({ id, channel, data }: StoredMessage): WireFrame {
  return { json: `{"id":"${id}","channel":${channel.json},"data":${data}}`, id }
}

/** A message of the past of a channel that joins: it moves no client's position. */
export function historyFrame ({ id, channel, data }: StoredMessage): WireFrame {
  return { json: `{"id":"${id}","channel":${channel.json},"data":${data},"history":true}` }
}

export function gapFrame ({ channels, reason }: Gap, cursor: string): WireFrame {
  return controlFrame({ type: 'gap', channels: channels.map((channel) => channel.name), reason, cursor })
}

export function joinedFrame (channels: string[], cursor: string): WireFrame {
  const frame: JoinedFrame = { type: 'joined', channels, cursor }
  return controlFrame(frame)
}
