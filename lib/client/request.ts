// What goes over the wire: where, asking what, with which credentials.

import { QUERY } from '../protocol.ts'
import { copy } from './dictionary.ts'
import type { Env } from './env.ts'
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

export interface Answer {
  /** 0: no answer */
  status: number
  text: string
  /** The header `Retry-After`, or null. */
  retryAfter: string | null
}

type Pair = [key: string, value: unknown]

/** The query of a subscription. Where all channels want the same history, one number serves, and none where it is 0. */
export function query (ask: Ask, client: string, origin: string): Pair[] {
  const { history, cursor } = ask
  const first = history[0]
  const uniform = history.every((count) => count === first)
  return ([] as Pair[]).concat(
    pairs(QUERY.channel, ask.channels),
    pairs(QUERY.cursor, cursor === null ? [] : [cursor]),
    pairs(QUERY.join, ask.join),
    pairs(QUERY.history, !uniform ? history : first ? [first] : []),
    pairs(QUERY.client, [client]),
    pairs(QUERY.origin, origin ? [origin] : [])
  )
}

function pairs (key: string, values: readonly unknown[]): Pair[] {
  return values.map((value): Pair => [key, value])
}

/**
 * Asks the application for its parameters and headers, anew each time so that a ticket is always fresh. Calls `ready`, at
 * once where neither is a promise, or `failed` with what was thrown.
 */
export function prepare (settings: Settings, path: string, own: Pair[], ready: (prepared: Prepared) => void, failed: (error: unknown) => void): void {
  ask(settings.params, failed, (params) => {
    ask(settings.headers, failed, (headers) => {
      const all = own.concat(Object.keys(params).map((key): Pair => [key, params[key]]))
      const search = all.filter((pair) => pair[1] !== undefined && pair[1] !== null).map((pair) => encodeURIComponent(pair[0]) + '=' + encodeURIComponent(String(pair[1])))
      ready({ url: settings.url + '/' + path + (search.length ? '?' + search.join('&') : ''), headers: copy(headers) as Record<string, string> })
    })
  })
}

type Given = Record<string, unknown>

function ask (source: (() => Awaitable<Given>) | null | undefined, failed: (error: unknown) => void, done: (value: Given) => void): void {
  let value: Awaitable<Given>
  try {
    value = source ? source() : {}
  } catch (error) {
    return failed(error)
  }
  if (typeof value?.then === 'function') (value as PromiseLike<Given>).then(done, failed)
  else done((value || {}) as Given)
}

/** Sends it and calls `done` once, unless the abort that is returned is called first. */
export function send (env: Env, settings: Settings, prepared: Prepared, body: string | null, done: (answer: Answer) => void): () => void {
  const xhr = new (env.XMLHttpRequest as typeof XMLHttpRequest)()
  xhr.open(body === null ? 'GET' : 'POST', prepared.url, true)
  xhr.withCredentials = settings.withCredentials
  for (const name in prepared.headers) xhr.setRequestHeader(name, prepared.headers[name] as string)
  xhr.onreadystatechange = () => {
    if (xhr.readyState !== 4) return
    xhr.onreadystatechange = null
    // From another origin that does not expose it, browsers log an error for the mere question.
    const retryAfter = xhr.status < 400 ? null : xhr.getResponseHeader('Retry-After')
    done({ status: xhr.status, text: xhr.responseText, retryAfter })
  }
  xhr.send(body)
  return () => {
    xhr.onreadystatechange = null
    xhr.abort()
  }
}

/** The origin that a URL points to, seen from this page. */
export function originOf (env: Env, url: string): string {
  const page = env.location
  const parts = /^([a-z][\w+.-]*:)?\/\/(?:[^/@]*@)?([^/]*)/i.exec(url)
  if (!page || !parts) return page ? page.protocol + '//' + page.host : ''
  const protocol = (parts[1] || page.protocol).toLowerCase()
  return protocol + '//' + (parts[2] as string).toLowerCase().replace(protocol === 'https:' ? /:443$/ : /:80$/, '')
}
