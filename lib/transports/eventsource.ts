import { CONTROL_EVENT } from '../protocol/wire.ts'
import { escape } from './escape.ts'
import { STREAM } from './policy.ts'
import type { WireFrame } from './frames.ts'
import type { Transport } from './transport.ts'

/** Server-sent events, https://html.spec.whatwg.org/multipage/server-sent-events.html */
export const eventsource: Transport = {
  name: 'eventsource',
  policy: STREAM,
  maxBytes: Infinity,
  // A plain `EventSource` never comes back after a status other than 200.
  refusal: 'stream',
  errorAs: 'status',
  takesOrigin: false,
  headers: () => ({ 'content-type': 'text/event-stream; charset=utf-8' }),
  // A line of the first frame's block, which follows in the same write: alone in a block, it reaches widely used
  // clients as an event without data.
  preamble: ({ retry }) => `retry: ${retry}\n`,
  encode (frames) {
    let text = ''
    for (const frame of frames) text += frame.control === true ? control(frame) : message(frame)
    return text
  }
}

function message ({ id, json }: WireFrame): string {
  return `${field('id', id)}${data(json)}\n`
}

function control ({ id, json, retry }: WireFrame): string {
  return `${field('retry', retry)}event: ${CONTROL_EVENT}\n${field('id', id)}${data(json)}\n`
}

// Ids consist of [A-Za-z0-9_-] and no frame type has a line break, so only data needs splitting.
function field (name: string, value: string | number | undefined): string {
  return value === undefined ? '' : `${name}: ${value}\n`
}

const LINE_BREAK = /\r\n|\r|\n/
// The standard knows only the first two, but many readers split text at every line end of Unicode.
const LINE_END = /[\r\n\u0085\u2028\u2029]/
const UNICODE_LINE_END = /[\u0085\u2028\u2029]/g

function data (json: string): string {
  if (!LINE_END.test(json)) return `data: ${json}\n`
  return json.replace(UNICODE_LINE_END, escape).split(LINE_BREAK).map((line) => `data: ${line}\n`).join('')
}
