// Why a connection ends, other than by our own hand.

import { parse } from './wire.ts'
import { cometError, type CometError } from './errors.ts'

export interface End {
  error: CometError
  /** It did not merely break, or never stand: the server, or the application, has spoken. */
  isAnswer: boolean
  /** Coming back is useless. */
  fatal: boolean
  /** ms to stay away, where the server said so */
  retry?: number | undefined
  /** ms, the ceiling of a random delay beside it. Default: the backoff. */
  spread?: number
}

/** What came back of a request: an `XMLHttpRequest`, or what can be asked the same. Its status is 0 where there is no answer. */
export type Answer = Pick<XMLHttpRequest, 'status' | 'responseText' | 'getResponseHeader'>

export function broken (): End {
  return { error: cometError('COMET_ERR_NETWORK', 'no answer'), isAnswer: false, fatal: false }
}

/** `params` or `headers` were not to be had. */
export function unprepared (reason: unknown): End {
  return { error: cometError('COMET_ERR_CREDENTIALS', 'no params or headers: ' + reason), isAnswer: true, fatal: false }
}

/**
 * The end that an HTTP status means. Only these come right by waiting: 408, 425, 429 and all from 500 on. All that are sent away
 * may be told the same delay: the backoff comes on top of it.
 */
export function refused (status: number, code: string, message: string, retry?: number): End {
  return { error: cometError(code, message, status), isAnswer: true, fatal: !/^(408|425|429|5)/.test('' + status), retry }
}

/** The end that an answer other than a plain 200 means. */
export function refusedBy (answer: Answer): End {
  const { status } = answer
  if (!status) return broken()
  const body = Object(parse(answer.responseText)) as { code?: string, message?: string }
  // In seconds; a date instead is left to the backoff.
  const retry = Number(answer.getResponseHeader('Retry-After')) * 1000
  return refused(status, body.code || 'COMET_ERR_STATUS', body.message || 'status ' + status, retry || undefined)
}

/** The end that a close frame means. The server draws its `retry` for each connection. */
export function closed (reason: string, retry?: number): End {
  return { error: cometError('COMET_ERR_CLOSED', 'closed by the server: ' + reason), isAnswer: true, fatal: retry === undefined, retry, spread: 0 }
}
