// What every transport is: a function that opens one connection and returns its undo.

import type { Frame } from '../../protocol.ts'
import { cometError, networkError, type CometError } from '../errors.ts'
import { retryAfterMs, type HttpAnswer } from '../http.ts'
import type { Env } from '../env.ts'

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

export interface Prepared {
  url: string
  headers: Record<string, string>
}

export interface TransportRequest {
  /** Where it starts, null: now. */
  readonly cursor: string | null
  readonly joins: boolean
  readonly withCredentials: boolean
  /** The server's origin. */
  readonly origin: string
  readonly readByFetch: boolean
  /** Asks the application for its parameters and headers, then calls `ready`, at once where nothing is to be asked. */
  prepare (kind: RequestKind, cursor: string | null, ready: (prepared: Prepared) => void): void
}

export interface Handlers {
  frame (frame: Frame): void
  /** Called once at most; nothing is called after it. */
  end (end: End): void
}

/** Opens a connection. After the function returned was called, no handler is. */
export type Transport = (env: Env, request: TransportRequest, handlers: Handlers) => () => void

export function broken (message?: string): End {
  return { kind: 'network', error: networkError(message), fatal: false }
}

/** The end that an HTTP status means: nothing but these statuses will be different after a while. */
export function refused (status: number, code: string, message: string, retry?: number): End {
  const fatal = status < 500 && status !== 408 && status !== 425 && status !== 429
  return { kind: 'refused', error: cometError(code, message, status), fatal, retry }
}

/** The end that an answer other than a plain 200 means. */
export function refusedBy (env: Env, answer: HttpAnswer): End {
  if (answer.status === 0) return broken()
  const body = parse(answer.text) as { code?: string, message?: string } | undefined
  const retry = retryAfterMs(answer.retryAfter, env.now())
  return refused(answer.status, String(body?.code || 'COMET_ERR_STATUS'), String(body?.message || 'the server answered ' + answer.status), retry)
}

/** The JSON value, or undefined where it is none. */
export function parse (text: unknown): unknown {
  try {
    return JSON.parse(text as string)
  } catch (error) {
    return undefined
  }
}

/** The frame that a text is, or undefined. */
export function parseFrame (text: unknown): Frame | undefined {
  const frame = parse(text)
  return frame && typeof frame === 'object' ? frame as Frame : undefined
}

/** Where a client stands after a frame, if the frame moves it. */
export function positionAfter (frame: Frame): string | undefined {
  if (frame.type === undefined) return frame.history ? undefined : frame.id
  const cursor = (frame as { cursor?: unknown }).cursor
  return typeof cursor === 'string' ? cursor : undefined
}
