// What a request asks for, and where it goes, with the application's parameters and headers.

import { invalid } from '../errors.ts'
import type { Awaitable, Settings } from '../options.ts'
import { credentialsFailure, requestFailure, type ConnectionFailure } from './failure.ts'
import type { Prepared } from './http.ts'

/** How long a promise of the application may take, in ms. */
const CALLBACK_TIMEOUT = 30_000

/** What a connection asks the server for. */
export interface SubscribeRequest {
  readonly channels: readonly string[]
  /** Those of the channels that are new to this client. Empty without a cursor. */
  readonly join: readonly string[]
  /** The number of latest messages that come first, for each channel or, with a cursor, for each that joins. */
  readonly history: readonly number[]
  readonly cursor: string | null
}

/** The channels of a connection, as far as its transport must know them. */
export interface RequestedChannels {
  readonly request: SubscribeRequest
  /** The requested channels, except those that the server has denied since. */
  readonly carried: readonly string[]
  /** Whether some of the channels join, and the server has yet to send `joined`. */
  isAwaitingJoined (): boolean
}

type Query = Record<string, unknown>
type Failed = (failure: ConnectionFailure) => void

/** The query of a subscription. `history` is one number if all are the same, and left out if that is 0. */
export function query ({ channels, cursor, join, history }: SubscribeRequest, client: string, origin?: string): Query {
  const first = history[0]
  const isUniform = history.every((count) => count === first)
  return { channel: channels, cursor, join, history: isUniform ? first || null : history, client, origin }
}

/**
 * Gets parameters and headers from the application, for each request again, so that a ticket is always fresh. Calls
 * `ready` with the request, immediately unless one of them is a promise, or `failed` if one of them fails, if they do
 * not make a valid URL or header, or if `ready` throws, because the browser refuses the request.
 *
 * @param path where the request goes, below the URL of the client
 * @param own the query keys that are not the application's
 */
export function prepare (
  settings: Settings, path: string, own: Query, ready: (prepared: Prepared) => void, failed: Failed
): void {
  const fail = (reason: unknown) => { failed(credentialsFailure(reason)) }
  resolveCallback(settings, 'params', fail, (params) => {
    resolveCallback(settings, 'headers', fail, (headers) => {
      let prepared: Prepared
      try {
        prepared = requestFor(settings.url + '/' + path, [own, params], headers)
      } catch (reason) {
        return fail(reason)
      }
      try {
        ready(prepared)
      } catch (reason) {
        failed(requestFailure(reason))
      }
    })
  })
}

/**
 * Calls the option's function. Calls `done` with the object that it returns or promises (an empty one if there is no
 * function or no value), or `failed` with a reason. A promise has 30 s.
 */
export function resolveCallback (
  settings: Settings,
  option: 'params' | 'headers',
  failed: (reason: unknown) => void,
  done: (value: Query) => void
): void {
  const { env } = settings
  const callback: (() => Awaitable<unknown>) | undefined = settings[option]
  let timer: number | undefined
  // A thenable of the application may call back more than once, or never.
  let isPending = true
  const first = <T>(then: (value: T) => void) => (value: T) => {
    if (!isPending) return
    isPending = false
    env.clearTimeout(timer)
    then(value)
  }
  const fail = first(failed)
  const take = first((value: unknown) => {
    if (value == null) done({})
    else if (typeof value === 'object') done(value as Query)
    else failed('`' + option + '` must return an object, not a ' + typeof value)
  })
  let value: unknown
  try {
    value = callback && callback()
    const promise = Object(value) as Partial<PromiseLike<unknown>>
    if (typeof promise.then === 'function') {
      timer = env.setTimeout(() => {
        fail('`' + option + '` took more than ' + CALLBACK_TIMEOUT / 1000 + ' s')
      }, CALLBACK_TIMEOUT)
      promise.then(take, fail)
      return
    }
  } catch (reason) {
    return fail(reason)
  }
  take(value)
}

function requestFor (url: string, queries: Query[], given: Query): Prepared {
  const search = pairsOf(queries).join('&')
  const headers: Record<string, string> = {}
  Object.keys(given).forEach((name) => { if (given[name] != null) headers[name] = textOf(name, given[name]) })
  return { method: 'GET', url: search ? url + '?' + search : url, headers }
}

function textOf (name: string, value: unknown): string {
  const type = typeof value
  if (type === 'function' || type === 'symbol') throw invalid(name, 'a string, number or boolean', value)
  return String(value)
}

/** A key with several values is repeated, one without a value is left out. */
function pairsOf (queries: Query[]): string[] {
  const pairs: string[] = []
  queries.forEach((query) => {
    Object.keys(query).forEach((key) => {
      ([] as unknown[]).concat(query[key]).forEach((value) => {
        if (value != null) pairs.push(encodeURIComponent(key) + '=' + encodeURIComponent(textOf(key, value)))
      })
    })
  })
  return pairs
}
