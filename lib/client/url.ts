import { QUERY, type TransportName } from '../protocol.ts'
import type { Env } from './env.ts'

/** What a connection asks the server for. */
export interface Ask {
  channels: readonly string[]
  /** Those of the channels that are new to this client. Only with a cursor. */
  join: readonly string[]
  /** For each channel (with a cursor: for each join): how many of its latest messages come first. */
  history: readonly number[]
  cursor: string | null
}

/** The query of a request: the channels, where to start, who asks, and the application's own keys. */
export function buildUrl (base: string, path: TransportName, ask: Ask, extra: object, ours: { client: string, origin?: string | undefined }): string {
  const pairs: string[] = []
  const add = function (key: string, value: unknown) {
    pairs.push(encodeURIComponent(key) + '=' + encodeURIComponent(String(value)))
  }
  ask.channels.forEach(function (channel) { add(QUERY.channel, channel) })
  if (ask.cursor !== null) add(QUERY.cursor, ask.cursor)
  ask.join.forEach(function (channel) { add(QUERY.join, channel) })
  history(ask.history).forEach(function (count) { add(QUERY.history, count) })
  add(QUERY.client, ours.client)
  if (ours.origin) add(QUERY.origin, ours.origin)
  addAll(extra, add)
  return base + '/' + path + '?' + pairs.join('&')
}

/** The application's own query keys. Those without a value are left out. */
export function addAll (extra: object, add: (key: string, value: unknown) => void): void {
  Object.keys(extra).forEach(function (key) {
    const value = (extra as Record<string, unknown>)[key]
    if (value !== undefined && value !== null) add(key, value)
  })
}

/** The origin that a URL points to, seen from this page. */
export function originOf (env: Pick<Env, 'location'>, url: string): string {
  const location = env.location || { protocol: 'http:', host: '' }
  const parts = /^([a-z][a-z0-9+.-]*:)?\/\/([^/?#]*)/i.exec(url)
  if (!parts) return location.protocol + '//' + location.host
  const protocol = (parts[1] || location.protocol).toLowerCase()
  const host = (parts[2] as string).toLowerCase().replace(/^.*@/, '')
  return protocol + '//' + host.replace(protocol === 'https:' ? /:443$/ : /:80$/, '')
}

// One number serves for all where they agree; where nobody wants any, the key is left out.
function history (counts: readonly number[]): readonly number[] {
  const first = counts[0] || 0
  const uniform = counts.every(function (count) { return count === first })
  return !uniform ? counts : first ? [first] : []
}
