// Why a connection ends, other than by our own hand.

import { parse } from './frames.ts'
import { cometError, type CometError } from '../errors.ts'
import { isForeign, pathOf, type Answer, type Prepared } from './http.ts'
import type { Settings } from '../options.ts'

export interface ConnectionFailure {
  error: CometError
  /** It did not merely break, or never stand: the server, or the application, has spoken. */
  fromServer: boolean
  /** Coming back is useless. */
  fatal: boolean
  /** The server moves its clients elsewhere: nothing has failed. */
  isPlanned?: boolean
  /** The request was sent, and nothing that the page may read came back. */
  hasNoResponse?: boolean
  /** ms to stay away, where the server said so */
  retry?: number | undefined
  /** ms, the ceiling of a random delay beside it. Default: the backoff. */
  spread?: number | undefined
}

/** ms: one day. Nobody is sent away for longer; from 24.8 days on, timers overflow and fire at once. */
const LONGEST_RETRY = 86_400_000

/** A delay that the server named, or undefined where it is none. */
function delayOf (retry: unknown): number | undefined {
  return typeof retry === 'number' && retry >= 0 ? Math.min(retry, LONGEST_RETRY) : undefined
}

/** A connection that stood has broken. */
export function networkFailure (): ConnectionFailure {
  return { error: cometError('COMET_ERR_NETWORK', 'the connection was lost'), fromServer: false, fatal: false }
}

/** No transport has brought anything in its time. */
export function timeoutError (): CometError {
  return cometError('COMET_ERR_NETWORK', 'no answer in time')
}

/** Polls would do, but the application does not allow them. */
export function blockedError (): CometError {
  return cometError('COMET_ERR_BLOCKED', 'the server answers, but no stream gets through: a proxy holds it back, or the Content-Security-Policy of the page forbids it (frame-src, connect-src)')
}

/** `params` or `headers` failed, or brought what no request can carry. */
export function credentialsFailure (reason: unknown): ConnectionFailure {
  return { error: cometError('COMET_ERR_CREDENTIALS', '`params` or `headers` failed: ' + reason), fromServer: true, fatal: false }
}

/** The browser refused to make the request. */
export function requestFailure (reason: unknown): ConnectionFailure {
  return { error: cometError('COMET_ERR_CREDENTIALS', 'the request could not be made of this URL, `params` and `headers`: ' + reason), fromServer: true, fatal: false }
}

/** No status came back: a browser does not say more, lest a page learn about servers that are none of its business. */
export function noResponseFailure (settings: Settings, request: Prepared, reason?: unknown): ConnectionFailure {
  const { env } = settings
  const why = env.navigator && env.navigator.onLine === false
    ? 'the browser is offline'
    : isForeign(settings) ? 'the server or the network is down, or the answer has no CORS headers for this page' : 'the server or the network is down'
  const details = reason ? ' (' + detailsOf(reason, request) + ')' : ''
  return { error: cometError('COMET_ERR_NETWORK', 'no answer to ' + shown(request) + ': ' + why + details), fromServer: false, fatal: false, hasNoResponse: true }
}

/**
 * The end that an HTTP status means. Only these come right by waiting: 408, 425, 429 and all from 500 on. All that are sent away
 * may be told the same delay: the backoff comes on top of it.
 */
export function httpFailure (status: number, code: string, message: string, retry?: number): ConnectionFailure {
  return { error: cometError(code, message, status), fromServer: true, fatal: !/^(408|425|429|5)/.test('' + status), retry }
}

/** The end that an answer means, if it is none that was hoped for. */
export function failureFromResponse (settings: Settings, request: Prepared, answer: Answer): ConnectionFailure {
  const { status } = answer
  if (!status) return noResponseFailure(settings, request, answer.reason)
  if (status === 200 || status === 201) return foreign(request, answer)
  const { code, message } = Object(parse(answer.responseText)) as { code?: string, message?: string }
  // In seconds; a date instead is left to the backoff.
  const retry = delayOf(Number(answer.getResponseHeader('Retry-After')) * 1000)
  return httpFailure(status, code || 'COMET_ERR_STATUS', isTelling(message) ? message : shown(request) + ' was answered ' + status + hint(status, request), retry)
}

/** The end that a close frame means. The server draws its `retry` for each connection. */
export function closedByServer (reason: string, retry?: number): ConnectionFailure {
  const delay = delayOf(retry)
  const error = cometError('COMET_ERR_CLOSED', 'closed by the server: ' + reason)
  return { error, fromServer: true, fatal: retry === undefined, isPlanned: /rotate|shutdown/.test(reason), retry: delay, spread: delay === undefined ? delay : 0 }
}

/** It looks like an answer, but not like one of comet's. */
function foreign (request: Prepared, answer: Answer): ConnectionFailure {
  const message = shown(request) + ' was answered ' + answer.status + ', but not by comet (content type ' + (answer.getResponseHeader('Content-Type') || 'unknown') +
    '): is the URL right? A single-page application\'s fallback, a login page or a captive portal may have answered'
  return { error: cometError('COMET_ERR_RESPONSE', message, answer.status), fromServer: false, fatal: false }
}

// Fastify's own answer to a request without a route says nothing new, and repeats the query, in which there are secrets.
function isTelling (message: string | undefined): message is string {
  return !!message && !/^Route \w+:/.test(message)
}

function hint (status: number, { url }: Prepared): string {
  if (status !== 404) return ''
  return /\/publish(\?|$)/.test(url) ? ': is the option `publishRoute` of the server on?' : ': is comet registered on the server, with this prefix?'
}

function shown (request: Prepared): string {
  return request.method + ' ' + pathOf(request.url)
}

// In Node the reason is in the error's cause. The query of the URL has secrets.
function detailsOf (reason: unknown, { url }: Prepared): string {
  const { cause } = Object(reason) as { cause?: { message?: string, code?: string } }
  const message = (cause && (cause.message || cause.code)) || String(reason)
  return message.split(url).join(pathOf(url))
}
