import { parse, type ParsedUrlQuery, stringify } from 'node:querystring'
import type { FastifyRequest } from 'fastify'
import { COMET_ERR_CURSOR, COMET_ERR_QUERY, COMET_ERR_TARGET_TOO_LONG, show } from '../../errors.ts'
import { checkChannel, isCursor } from '../names.ts'
import { MAX_HISTORY, MAX_REQUEST_TARGET_BYTES, QUERY } from '../../protocol/wire.ts'

/** What a request asks for. */
export interface SubscribeQuery {
  readonly channels: readonly string[]
  readonly cursor: string | undefined
  /** by channel; only those with more than 0 */
  readonly history: ReadonlyMap<string, number>
  readonly join: ReadonlySet<string>
  readonly client: string | undefined
  readonly origin: string | undefined
  /** the application's own keys, as a query string */
  readonly others: string
}

const CLIENT = /^[A-Za-z0-9_-]{22,64}$/
const NO_CHANNELS: ReadonlySet<string> = new Set()
const NO_HISTORY: ReadonlyMap<string, number> = new Map()

/** The origin that a request names, if it names one. */
export function originOf (request: FastifyRequest): string | undefined {
  return all(parse(request.raw.url?.split('?')[1] ?? ''), QUERY.origin)[0]
}

/** Reads our keys from the raw URL: what the application's own query parser makes of it is not ours to know. */
export function parseQuery (request: FastifyRequest, maxChannels: number): SubscribeQuery {
  const query = queryString(request.raw.url ?? '')
  const keys = parse(query, '&', '=', { maxKeys: 0 })
  checkEncoding(query)
  const channels = channelsOf(keys, maxChannels)
  const reconnect = lastEventId(request, keys)
  const cursor = reconnect ?? cursorOf(keys)
  const join = reconnect === undefined ? joinOf(keys, channels, cursor) : NO_CHANNELS
  const history = reconnect === undefined ? historyOf(keys, join, cursor) : NO_HISTORY
  const client = single(keys, QUERY.client)
  if (client !== undefined && !CLIENT.test(client)) throw new COMET_ERR_QUERY(QUERY.client, '22 to 64 of the characters A-Z a-z 0-9 _ -', 'something else')
  return { channels, cursor, history, join, client, origin: single(keys, QUERY.origin), get others () { return othersOf(keys) } }
}

function queryString (url: string): string {
  const bytes = Buffer.byteLength(url)
  if (bytes > MAX_REQUEST_TARGET_BYTES) throw new COMET_ERR_TARGET_TOO_LONG(MAX_REQUEST_TARGET_BYTES, bytes)
  const mark = url.indexOf('?')
  return mark === -1 ? '' : url.slice(mark + 1)
}

// `parse` puts replacement characters where the encoding is no UTF-8: the name of another channel. Keys of the application may be in any encoding.
function checkEncoding (query: string): void {
  if (isEncoded(query)) return
  for (const pair of query.split('&')) {
    const key = Object.keys(parse(pair))[0] ?? ''
    if (Object.hasOwn(QUERY, key) && !isEncoded(pair)) throw new COMET_ERR_QUERY(key, 'percent-encoded UTF-8', show(pair))
  }
}

function isEncoded (text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false
  }
}

function channelsOf (keys: ParsedUrlQuery, maxChannels: number): string[] {
  const channels = [...new Set(all(keys, QUERY.channel))]
  if (channels.length === 0 || channels.length > maxChannels) {
    throw new COMET_ERR_QUERY(QUERY.channel, `given 1 to ${maxChannels} times`, `${channels.length} channels`)
  }
  channels.forEach(checkChannel)
  return channels
}

// A browser that reconnects by itself sends the URL of its first request: what that asked for is past. Polyfills cannot set
// the header without a CORS preflight and send a key instead.
function lastEventId ({ headers }: FastifyRequest, keys: ParsedUrlQuery): string | undefined {
  return reconnectCursor('last-event-id', headers['last-event-id']) ?? reconnectCursor(QUERY.lastEventId, single(keys, QUERY.lastEventId))
}

function reconnectCursor (name: string, id: string | string[] | undefined): string | undefined {
  if (id === undefined || id === '') return undefined
  if (typeof id !== 'string' || !isCursor(id)) throw new COMET_ERR_CURSOR(name, show(id))
  return id
}

function cursorOf (keys: ParsedUrlQuery): string | undefined {
  const cursor = single(keys, QUERY.cursor)
  if (cursor !== undefined && !isCursor(cursor)) throw new COMET_ERR_CURSOR('cursor', show(cursor))
  return cursor
}

function joinOf (keys: ParsedUrlQuery, channels: readonly string[], cursor: string | undefined): ReadonlySet<string> {
  const names = all(keys, QUERY.join)
  if (names.length > 0 && cursor === undefined) throw new COMET_ERR_QUERY(QUERY.join, 'given with a cursor', 'none')
  const strange = names.find((name) => !channels.includes(name))
  if (strange !== undefined) throw new COMET_ERR_QUERY(QUERY.join, 'one of the channels', show(strange))
  return names.length === 0 ? NO_CHANNELS : new Set(names)
}

function historyOf (keys: ParsedUrlQuery, join: ReadonlySet<string>, cursor: string | undefined): ReadonlyMap<string, number> {
  const counts = all(keys, QUERY.history).map(historyCount)
  const names = join.size > 0 ? all(keys, QUERY.join) : all(keys, QUERY.channel)
  if (counts.length > 1 && counts.length !== names.length) {
    const rule = `given once, or once for each ${join.size > 0 ? QUERY.join : QUERY.channel} (${names.length})`
    throw new COMET_ERR_QUERY(QUERY.history, rule, `${counts.length} times`)
  }
  if (counts.length === 0 || (cursor !== undefined && join.size === 0)) return NO_HISTORY
  const pairs = names.map((name, index) => [name, counts.length === 1 ? counts[0] as number : counts[index] as number] as const)
  return new Map(pairs.filter(([, count]) => count > 0))
}

function historyCount (text: string): number {
  if (!/^\d{1,4}$/.test(text) || Number(text) > MAX_HISTORY) throw new COMET_ERR_QUERY(QUERY.history, `a number from 0 to ${MAX_HISTORY}`, show(text))
  return Number(text)
}

function single (keys: ParsedUrlQuery, key: string): string | undefined {
  const values = all(keys, key)
  if (values.length > 1) throw new COMET_ERR_QUERY(key, 'given once', `${values.length} times`)
  return values[0]
}

function all (keys: ParsedUrlQuery, key: string): string[] {
  const values = keys[key] ?? []
  return typeof values === 'string' ? [values] : values
}

function othersOf (keys: ParsedUrlQuery): string {
  return stringify(Object.fromEntries(Object.entries(keys).filter(([key]) => !Object.hasOwn(QUERY, key))))
}
