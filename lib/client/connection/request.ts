// What goes over the wire: where, asking what, with which credentials.

import { invalid } from '../errors.ts'
import { credentialsFailure, type ConnectionFailure } from './failure.ts'
import type { Prepared } from './http.ts'
import type { Awaitable, Settings } from '../options.ts'

/** ms that a promise of the application has */
const PATIENCE = 30_000

/** What a connection asks the server for. */
export interface SubscribeRequest {
  readonly channels: readonly string[]
  /** Those of the channels that are new to this client. Only with a cursor. */
  readonly join: readonly string[]
  /** For each channel (with a cursor: for each join): how many of its latest messages come first. */
  readonly history: readonly number[]
  readonly cursor: string | null
}

/** The channels of a connection, as far as its transport must know them. */
export interface RequestedChannels {
  readonly request: SubscribeRequest
  /** The requested channels, except those that the server has denied since. */
  readonly carried: readonly string[]
  /** Some of the channels join, and the server has yet to send `joined`. */
  readonly isAwaitingJoined: boolean
}

type Query = Record<string, unknown>

/** The query of a subscription. Where all channels want the same history, one number serves, and none where it is 0. */
export function query ({ channels, cursor, join, history }: SubscribeRequest, client: string, origin?: string): Query {
  const first = history[0]
  return { channel: channels, cursor, join, history: history.every((count) => count === first) ? first || null : history, client, origin }
}

/**
 * Asks the application for its parameters and headers, anew each time so that a ticket is always fresh. Calls `ready`, at
 * once where neither is a promise, or `failed` where they were not to be had or no URL can be made of them.
 */
export function prepare (settings: Settings, path: string, own: Query, ready: (prepared: Prepared) => void, failed: (end: ConnectionFailure) => void): void {
  const fail = (reason: unknown) => { failed(credentialsFailure(reason)) }
  resolveCallback(settings, 'params', fail, (params) => {
    resolveCallback(settings, 'headers', fail, (headers) => {
      let prepared: Prepared
      try {
        prepared = requestFor(settings.url + '/' + path, [own, params], headers)
      } catch (reason) {
        return fail(reason)
      }
      ready(prepared)
    })
  })
}

/** What the option's function returns, or what the promise that it returns brings within 30 s. Without a function, or without a value: an empty object. */
export function resolveCallback (settings: Settings, option: 'params' | 'headers', failed: (reason: unknown) => void, done: (value: Query) => void): void {
  const { env } = settings
  const source: (() => Awaitable<unknown>) | undefined = settings[option]
  const take = (value: unknown) => {
    if (value == null) done({})
    else if (typeof value === 'object') done(value as Query)
    else failed('`' + option + '` must return an object, not a ' + typeof value)
  }
  let value: unknown
  let isPromise = false
  try {
    value = source && source()
    isPromise = typeof (Object(value) as Partial<PromiseLike<unknown>>).then === 'function'
  } catch (reason) {
    return failed(reason)
  }
  if (!isPromise) return take(value)
  // It may be somebody's own, that calls more than once, or never.
  let isPending = true
  const once = <T>(then: (value: T) => void) => (value: T) => {
    if (!isPending) return
    isPending = false
    env.clearTimeout(timer)
    then(value)
  }
  const timer = env.setTimeout(once(() => { failed('`' + option + '` took more than ' + PATIENCE / 1000 + ' s') }), PATIENCE)
  try {
    (value as PromiseLike<unknown>).then(once(take), once(failed))
  } catch (reason) {
    once(failed)(reason)
  }
}

function requestFor (url: string, queries: Query[], given: Query): Prepared {
  const search = pairsOf(queries).join('&')
  const headers: Record<string, string> = {}
  Object.keys(given).forEach((name) => { if (given[name] != null) headers[name] = textOf(name, given[name]) })
  return { method: 'GET', url: search ? url + '?' + search : url, headers }
}

function textOf (name: string, value: unknown): string {
  if (/function|symbol/.test(typeof value)) throw invalid(name, 'a string, number or boolean', value)
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
