// Why a connection ends, other than by our own hand.

import { parse } from './wire.ts'
import { cometError, type CometError } from './errors.ts'
import type { Settings } from './options.ts'

export interface End {
  /** `network`: it broke, or never stood. `refused`: the server answered with a status. `close`: the server sent a close frame. */
  kind: 'network' | 'refused' | 'close'
  error: CometError
  /** Coming back is useless. */
  fatal: boolean
  /** ms to stay away, where the server said so */
  retry?: number | undefined
}

/** What came back of a request. */
export interface Answer {
  /** 0: no answer */
  status: number
  text: string
  /** The header `Retry-After`, or null. */
  retryAfter: string | null
}

export function broken (): End {
  return end('network', cometError('COMET_ERR_NETWORK', 'no answer'), false)
}

/** `params` or `headers` were not to be had. */
export function unprepared (reason: unknown): End {
  return end('refused', cometError('COMET_ERR_CREDENTIALS', 'no params or headers: ' + reason), false)
}

/** The end that an HTTP status means. Only these come right by waiting: 408, 425, 429 and all from 500 on. */
export function refused (status: number, code: string, message: string, retry?: number): End {
  return end('refused', cometError(code, message, status), status < 500 && [408, 425, 429].indexOf(status) < 0, retry)
}

/** The end that an answer other than a plain 200 means. */
export function refusedBy ({ env }: Settings, { status, text, retryAfter }: Answer): End {
  if (!status) return broken()
  const body = Object(parse(text)) as { code?: string, message?: string }
  // Seconds, or a date
  const ms = retryAfter ? Number(retryAfter) * 1000 || Date.parse(retryAfter) - env.Date.now() : -1
  return refused(status, body.code || 'COMET_ERR_STATUS', body.message || 'status ' + status, ms >= 0 ? ms : undefined)
}

/** The end that a close frame means. */
export function closed (reason: string, retry?: number): End {
  return end('close', cometError('COMET_ERR_CLOSED', 'closed by the server: ' + reason), retry === undefined, retry)
}

function end (kind: End['kind'], error: CometError, fatal: boolean, retry?: number): End {
  return { kind, error, fatal, retry }
}
