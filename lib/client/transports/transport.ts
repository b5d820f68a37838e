// What every transport is: a function that opens one connection and returns its undo.

import type { Frame } from '../../protocol.ts'
import { cometError, type CometError } from '../errors.ts'
import type { Settings } from '../options.ts'
import type { Answer, Prepared } from '../request.ts'

/** Why a connection ended, other than by our own hand. */
export interface End {
  /** `network`: it broke, or never stood. `refused`: the server answered with a status. `close`: the server sent a close frame. */
  kind: 'network' | 'refused' | 'close'
  error: CometError
  /** Coming back is useless. */
  fatal: boolean
  /** ms to stay away, where the server said so */
  retry?: number | undefined
}

/** `stream`: as asked. `ping`: answered at once, and moves nothing. `next`: a further poll, at the position. */
export type RequestKind = 'stream' | 'ping' | 'next'

export interface TransportRequest {
  readonly settings: Settings
  /** Where it starts, null: now. */
  readonly cursor: string | null
  /** Some of its channels are new to this client. */
  readonly joins: boolean
  /** Asks the application for its parameters and headers, then calls `ready`, at once where nothing is to be asked. */
  prepare (kind: RequestKind, cursor: string | null, ready: (prepared: Prepared) => void): void
}

export interface Handlers {
  frame (frame: Frame): void
  /** Called once at most; nothing is called after it. */
  end (end: End): void
}

/** Opens a connection. After the function returned was called, no handler is. */
export type Transport = (request: TransportRequest, handlers: Handlers) => () => void

export function broken (message?: string): End {
  return { kind: 'network', error: cometError('COMET_ERR_NETWORK', message || 'the server cannot be reached'), fatal: false }
}

/** The end that an HTTP status means. Only these come right by waiting: 408, 425, 429 and all from 500 on. */
export function refused (status: number, code: string, message: string, retry?: number): End {
  return { kind: 'refused', error: cometError(code, message, status), fatal: status < 500 && [408, 425, 429].indexOf(status) < 0, retry }
}

/** The end that an answer other than a plain 200 means. */
export function refusedBy ({ env }: Settings, answer: Answer): End {
  const { status, retryAfter } = answer
  if (!status) return broken()
  const body = parse(answer.text) as { code?: string, message?: string } | undefined
  // Seconds, or a date
  const ms = retryAfter ? Number(retryAfter) * 1000 || Date.parse(retryAfter) - env.Date.now() : -1
  return refused(status, body?.code || 'COMET_ERR_STATUS', body?.message || 'the server answered ' + status, ms >= 0 ? ms : undefined)
}

/** The JSON value, or undefined where it is none. */
export function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    return undefined
  }
}

/** Hands on the frame that a text is, if it is one. */
export function receive (handlers: Handlers, text: string): void {
  const frame = parse(text)
  if (isFrame(frame)) handlers.frame(frame)
}

/** Whether it has what a frame of its type must have. Of a type that is not known here, that is nothing. */
export function isFrame (value: unknown): value is Frame {
  const frame = (value || {}) as Record<string, unknown>
  return isText(frame.cursor || '') && isText(frame.type || '') && (frame.type
    ? frame.type === 'open' ? (frame.heartbeat as number) > 0 : Array.isArray(frame.channels) || !/gap|joined|denied/.test(frame.type as string)
    : isText(frame.id) && isText(frame.channel))
}

function isText (value: unknown): boolean {
  return typeof value === 'string'
}

/** Where a client stands after a frame, if the frame moves it. */
export function positionAfter (frame: Frame): string | undefined {
  return frame.type ? (frame as { cursor?: string }).cursor : frame.history ? undefined : frame.id
}

/** The server's origin, as the browser spells it. */
export function originOf ({ env, url }: Settings): string {
  const link = (env.document as Document).createElement('a')
  link.href = url
  return link.protocol + '//' + link.host
}
