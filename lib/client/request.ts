// What goes over the wire: where, asking what, with which credentials.

import { unprepared, type Answer, type End } from './end.ts'
import type { Awaitable, Settings } from './options.ts'

/** What a connection asks the server for. */
export interface Ask {
  readonly channels: readonly string[]
  /** Those of the channels that are new to this client. Only with a cursor. */
  readonly join: readonly string[]
  /** For each channel (with a cursor: for each join): how many of its latest messages come first. */
  readonly history: readonly number[]
  readonly cursor: string | null
}

export interface Prepared {
  url: string
  headers: Record<string, string>
}

type Query = Record<string, unknown>

/** The query of a subscription. Where all channels want the same history, one number serves, and none where it is 0. */
export function query ({ channels, cursor, join, history }: Ask, client: string, origin?: string): Query {
  const first = history[0]
  return { channel: channels, cursor, join, history: history.every((count) => count === first) ? first || null : history, client, origin }
}

/**
 * Asks the application for its parameters and headers, anew each time so that a ticket is always fresh. Calls `ready`, at
 * once where neither is a promise, or `failed` where one of them was not to be had.
 */
export function prepare (settings: Settings, path: string, own: Query, ready: (prepared: Prepared) => void, failed: (end: End) => void): void {
  const fail = (reason: unknown) => { failed(unprepared(reason)) }
  askFor(settings.params, fail, (params) => {
    askFor(settings.headers, fail, (headers) => {
      ready({ url: settings.url + '/' + path + '?' + search([own, params]).join('&'), headers: headers as Record<string, string> })
    })
  })
}

/** A key with several values is repeated, one without a value is left out. */
function search (queries: Query[]): string[] {
  const pairs: string[] = []
  queries.forEach((query) => {
    Object.keys(query).forEach((key) => {
      ([] as unknown[]).concat(query[key]).forEach((value) => {
        if (value != null) pairs.push([key, value as string].map(encodeURIComponent).join('='))
      })
    })
  })
  return pairs
}

/** What the function returns, or what the promise that it returns brings. */
export function askFor (source: (() => Awaitable<Query>) | undefined, failed: (error: unknown) => void, done: (value: Query) => void): void {
  let value: Awaitable<Query>
  try {
    value = source ? source() : {}
  } catch (error) {
    return failed(error)
  }
  if (value && typeof value.then === 'function') value.then(done, failed)
  else done(value as Query)
}

/** Sends it and calls `done` with what comes back, also where that is nothing, because the abort that is returned was called. */
export function send ({ env, withCredentials }: Settings, { url, headers }: Prepared, body: string | null, done: (answer: Answer) => void): () => void {
  const xhr = new (env.XMLHttpRequest as typeof XMLHttpRequest)()
  xhr.open(body ? 'POST' : 'GET', url)
  xhr.withCredentials = !!withCredentials
  if (body) xhr.setRequestHeader('Content-Type', 'application/json')
  for (const name in headers) xhr.setRequestHeader(name, headers[name] as string)
  xhr.onreadystatechange = () => { if (xhr.readyState === 4) done(xhr) }
  xhr.send(body)
  return () => { xhr.abort() }
}
