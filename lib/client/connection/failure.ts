// Why a connection or a request has failed, and whether and when it is worth trying again.

import { cometError, type CometError } from '../errors.ts'
import type { Settings } from '../options.ts'
import { parse } from './frames.ts'
import { isForeign, pathOf, type Answer, type Prepared } from './http.ts'

/** The end of a connection that the client has not closed itself. */
export interface ConnectionFailure {
  error: CometError
  /**
   * The server answered, or the application's callback failed, as opposed to a lost or never established connection.
   */
  fromServer: boolean
  /** Trying again is useless. */
  fatal: boolean
  /** The server moves its clients elsewhere: nothing is wrong. */
  isPlanned?: boolean
  /** The request was sent, and nothing that the page may read came back. */
  hasNoResponse?: boolean
  /** How long to stay away, in ms, if the server has said so. */
  retry?: number | undefined
  /** The maximum of a random delay on top of `retry`, in ms. Default: the backoff. */
  spread?: number | undefined
}

/** One day, in ms. From 24.8 days on, timers overflow and fire immediately. */
const MAX_RETRY = 86_400_000

/** The HTTP statuses below 500 that may be followed by another one without any change on this side. */
const TRANSIENT = [408, 425, 429]

/** An established connection has broken. */
export function networkFailure (message = 'the connection was lost'): ConnectionFailure {
  return { error: cometError('COMET_ERR_NETWORK', message), fromServer: false, fatal: false }
}

/** `params` or `headers` failed, or returned what no request can carry. */
export function credentialsFailure (reason: unknown): ConnectionFailure {
  return beforeSending('`params` or `headers` failed: ' + reason)
}

/** The browser has refused to make the request. */
export function requestFailure (reason: unknown): ConnectionFailure {
  return beforeSending('the browser refuses the request: ' + reason)
}

/**
 * No status came back. A browser does not say why: a page must not learn about servers that are none of its business.
 */
export function noResponseFailure (settings: Settings, request: Prepared, reason?: unknown): ConnectionFailure {
  const details = reason ? ' (' + detailsOf(reason, request) + ')' : ''
  const failure = networkFailure('no answer to ' + nameOf(request) + ': ' + likelyCause(settings) + details)
  failure.hasNoResponse = true
  return failure
}

/**
 * The failure that an HTTP status means. It is fatal unless the status is 408, 425, 429 or at least 500: only these
 * come right by waiting. Many clients may get the same `retry` (ms), so the backoff is added to it.
 */
export function httpFailure (status: number, code: string, message: string, retry?: number): ConnectionFailure {
  const isTransient = status >= 500 || TRANSIENT.indexOf(status) >= 0
  return { error: cometError(code, message, status), fromServer: true, fatal: !isTransient, retry }
}

/** The failure that an answer means which is not the expected one. */
export function failureFromResponse (settings: Settings, request: Prepared, answer: Answer): ConnectionFailure {
  const { status } = answer
  if (!status) return noResponseFailure(settings, request, answer.reason)
  if (status === 200 || status === 201) return foreignFailure(request, answer)
  const { code, message } = Object(parse(answer.responseText)) as { code?: string, message?: string }
  // `Retry-After` in seconds. If it is a date, the backoff alone decides.
  const retry = delayOf(Number(answer.getResponseHeader('Retry-After')) * 1000)
  const text = isInformative(message) ? message : nameOf(request) + ' was answered ' + status + hint(status, request)
  return httpFailure(status, code || 'COMET_ERR_STATUS', text, retry)
}

/**
 * The end that a `close` frame announces. The server draws its `retry` (ms) for each connection: nothing is added to
 * it.
 */
export function closedByServer (reason: string, retry?: number): ConnectionFailure {
  const delay = delayOf(retry)
  return {
    error: cometError('COMET_ERR_CLOSED', 'closed by the server: ' + reason),
    fromServer: true,
    fatal: retry === undefined,
    isPlanned: reason === 'rotate' || reason === 'shutdown',
    retry: delay,
    spread: delay === undefined ? delay : 0
  }
}

/** No transport has delivered anything in its time. */
export function timeoutError (): CometError {
  return cometError('COMET_ERR_NETWORK', 'no answer in time')
}

/** Polls would work, but the application does not allow them. */
export function blockedError (): CometError {
  return cometError('COMET_ERR_BLOCKED', 'the server answers, but a proxy or the Content-Security-Policy ' +
    '(frame-src, connect-src) blocks streams')
}

function beforeSending (message: string): ConnectionFailure {
  return { error: cometError('COMET_ERR_CREDENTIALS', message), fromServer: true, fatal: false }
}

/** The answer of something other than comet. */
function foreignFailure (request: Prepared, answer: Answer): ConnectionFailure {
  const message = nameOf(request) + ' was answered ' + answer.status + ', but not by comet (content type ' +
    (answer.getResponseHeader('Content-Type') || 'unknown') + '): is the URL right? Or did a login page answer?'
  return { error: cometError('COMET_ERR_RESPONSE', message, answer.status), fromServer: false, fatal: false }
}

/** A delay of the server, in ms, or undefined if it is none. */
function delayOf (retry: unknown): number | undefined {
  return typeof retry === 'number' && retry >= 0 ? Math.min(retry, MAX_RETRY) : undefined
}

function likelyCause (settings: Settings): string {
  const { navigator } = settings.env
  if (navigator && navigator.onLine === false) return 'the browser is offline'
  const corsHint = isForeign(settings) ? ', or its answer has no CORS headers' : ''
  return 'the server or the network is down' + corsHint
}

// Fastify's own answer to a request without a route says nothing new, and repeats the query, which has secrets.
function isInformative (message: string | undefined): message is string {
  return !!message && !/^Route \w+:/.test(message)
}

function hint (status: number, { url }: Prepared): string {
  if (status !== 404) return ''
  return /\/publish(\?|$)/.test(url)
    ? ': is `publishRoute` on?'
    : ': is comet registered with this prefix?'
}

function nameOf (request: Prepared): string {
  return request.method + ' ' + pathOf(request.url)
}

/** A reason as text, without the query of the URL, which has secrets. In Node, the reason is in the error's cause. */
function detailsOf (reason: unknown, { url }: Prepared): string {
  const { cause } = Object(reason) as { cause?: { message?: string, code?: string } }
  const message = (cause && (cause.message || cause.code)) || String(reason)
  return message.split(url).join(pathOf(url))
}
