// What is read from the wire.

import type { Frame } from '../../protocol/wire.ts'
import { attempt } from '../browser/env.ts'

/** The types of control frames that name channels. */
const WITH_CHANNELS = ['gap', 'joined', 'denied']

/** The JSON value of a text, or undefined if it is not JSON. */
export function parse (text: string): unknown {
  return attempt(() => JSON.parse(text) as unknown)
}

/** Calls `take` with the frame that a text holds, if it holds one. */
export function receive (text: string, take: (frame: Frame) => void): void {
  const frame = parse(text)
  if (isFrame(frame)) take(frame)
}

/** Whether a value has what a frame of its type must have. A frame of an unknown type need not have anything. */
export function isFrame (value: unknown): value is Frame {
  const { type = '', cursor = '', id, channel, channels, heartbeat, poll } = Object(value) as Record<string, unknown>
  if (!isText(type) || !isText(cursor)) return false
  if (type === '') return isText(id) && isText(channel)
  if (type === 'open') return !!cursor && isTime(heartbeat) && isTime(poll)
  return Array.isArray(channels) || WITH_CHANNELS.indexOf(type) < 0
}

/** The cursor at which a client is after a frame, or undefined if the frame does not move it. */
export function positionAfter (frame: Frame): string | undefined {
  if (frame.type) return (frame as { cursor?: string }).cursor
  return frame.history ? undefined : frame.id
}

function isTime (value: unknown): boolean {
  return typeof value === 'number' && value >= 1
}

function isText (value: unknown): value is string {
  return typeof value === 'string'
}
