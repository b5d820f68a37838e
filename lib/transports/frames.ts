import type { ControlFrame } from '../protocol/wire.ts'

/** A frame as text, ready to be encoded by a transport. */
export interface WireFrame {
  /** the frame as JSON text; it has no line breaks, because JSON escapes them */
  readonly json: string
  /** the position at which a browser's own reconnect resumes */
  readonly id?: string | undefined
  /** whether it is anything but a message */
  readonly control?: boolean
  /** the delay after which the client should reconnect, in ms */
  readonly retry?: number | undefined
}

/** The text of a control frame. Its cursor, if it has one, becomes the id. */
export function controlFrame (frame: ControlFrame): WireFrame {
  return {
    json: JSON.stringify(frame),
    control: true,
    id: 'cursor' in frame ? frame.cursor : undefined,
    retry: 'retry' in frame ? frame.retry : undefined
  }
}

/** The same frame without an id: a browser's own reconnect does not resume at it. */
export function withoutId ({ json, control, retry }: WireFrame): WireFrame {
  return { json, control: control === true, retry }
}
