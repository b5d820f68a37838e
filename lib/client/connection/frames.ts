// What is read from the wire.

import type { Frame } from '../../protocol/wire.ts'
import { attempt } from '../browser/env.ts'

/** The JSON value, or undefined where it is none. */
export function parse (text: string): unknown {
  return attempt(() => JSON.parse(text) as unknown)
}

/** Hands on the frame that a text is, if it is one. */
export function receive (text: string, take: (frame: Frame) => void): void {
  const frame = parse(text)
  if (isFrame(frame)) take(frame)
}

/** Whether it has what a frame of its type must have. Of a type that is not known here, that is nothing. */
export function isFrame (value: unknown): value is Frame {
  const { type = '', cursor = '', id, channel, channels, heartbeat, poll } = Object(value) as Record<string, unknown>
  return isText(cursor) && isText(type) && (type
    ? type === 'open' ? !!cursor && isTime(heartbeat) && isTime(poll) : Array.isArray(channels) || !/gap|joined|denied/.test(type)
    : isText(id) && isText(channel))
}

function isTime (value: unknown): boolean {
  return typeof value === 'number' && value >= 1
}

function isText (value: unknown): value is string {
  return typeof value === 'string'
}

/** Where a client stands after a frame, if the frame moves it. */
export function positionAfter (frame: Frame): string | undefined {
  return frame.type ? (frame as { cursor?: string }).cursor : frame.history ? undefined : frame.id
}
