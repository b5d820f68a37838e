import { parse, type ParsedUrlQuery, stringify } from 'node:querystring'
import type { FastifyRequest } from 'fastify'
import { COMET_ERR_CURSOR, COMET_ERR_QUERY, COMET_ERR_TARGET_TOO_LONG, show } from '../../errors.ts'
import { checkChannel, isCursor } from '../validate.ts'
import { MAX_HISTORY, MAX_REQUEST_TARGET_BYTES, QUERY } from '../../protocol/wire.ts'

/** The query of a request for a connection, checked. */
export interface SubscribeQuery {
  readonly channels: readonly string[]
  readonly cursor: string | undefined
  /** messages of the past wanted, by channel; only channels with more than 0 */
  readonly history: ReadonlyMap<string, number>
  /** channels that are new to a client that has a cursor */
  readonly join: ReadonlySet<string>
  /** the client's secret */
  readonly client: string | undefined
  /** the origin that frames are posted to */
  readonly origin: string | undefined
  /** the application's own keys, as a query string */
  readonly others: string
}

const CLIENT = /^[A-Za-z0-9_-]{22,64}$/
const NO_CHANNELS: ReadonlySet<string> = new Set()
const NO_HISTORY: ReadonlyMap<string, number> = new Map()

/** The origin that the query of a request names, if it names one. Never throws. */
export function requestedOrigin (request: FastifyRequest): string | undefined {
  return all(parse(request.raw.url?.split('?')[1] ?? ''), QUERY.origin)[0]
}

/**
 * Reads our keys from the raw URL, since the application may have a query parser of its own. Throws `COMET_ERR_QUERY`,
 * `COMET_ERR_CHANNEL`, `COMET_ERR_CURSOR` or `COMET_ERR_TARGET_TOO_LONG`.
 */
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
  if (client !== undefined && !CLIENT.test(client)) {
    throw new COMET_ERR_QUERY(QUERY.client, '22 to 64 of the characters A-Z a-z 0-9 _ -', 'something else')
  }
  const origin = single(keys, QUERY.origin)
  return { channels, cursor, history, join, client, origin, get others () { return othersOf(keys) } }
}

function queryString (url: string): string {
  const bytes = Buffer.byteLength(url)
  if (bytes > MAX_REQUEST_TARGET_BYTES) throw new COMET_ERR_TARGET_TOO_LONG(MAX_REQUEST_TARGET_BYTES, bytes)
  const mark = url.indexOf('?')
  return mark === -1 ? '' : url.slice(mark + 1)
}

// Where the encoding is not UTF-8, `parse` inserts replacement characters, which would name another channel. The
// application's own keys may have any encoding.
function checkEncoding (query: string): void {
  if (isEncoded(query)) return
  for (const pair of query.split('&')) {
    const key = Object.keys(parse(pair))[0] ?? ''
    if (!Object.hasOwn(QUERY, key) || isEncoded(pair)) continue
    throw new COMET_ERR_QUERY(key, 'percent-encoded UTF-8', show(pair))
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

// A browser that reconnects by itself sends the URL of its first request again, whose cursor is outdated.
// Polyfills cannot set the header without a CORS preflight and send a key instead.
function lastEventId ({ headers }: FastifyRequest, keys: ParsedUrlQuery): string | undefined {
  return reconnectCursor('last-event-id', headers['last-event-id']) ??
    reconnectCursor(QUERY.lastEventId, single(keys, QUERY.lastEventId))
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

type Cursor = string | undefined

function joinOf (keys: ParsedUrlQuery, channels: readonly string[], cursor: Cursor): ReadonlySet<string> {
  const names = all(keys, QUERY.join)
  if (names.length > 0 && cursor === undefined) throw new COMET_ERR_QUERY(QUERY.join, 'given with a cursor', 'none')
  const strange = names.find((name) => !channels.includes(name))
  if (strange !== undefined) throw new COMET_ERR_QUERY(QUERY.join, 'one of the channels', show(strange))
  return names.length === 0 ? NO_CHANNELS : new Set(names)
}

// One count is for all channels; several are for the channels at the same places of the query.
function historyOf (keys: ParsedUrlQuery, join: ReadonlySet<string>, cursor: Cursor): ReadonlyMap<string, number> {
  const counts = all(keys, QUERY.history).map(historyCount)
  const key = join.size > 0 ? QUERY.join : QUERY.channel
  const names = all(keys, key)
  if (counts.length > 1 && counts.length !== names.length) {
    const rule = `given once, or once for each ${key} (${names.length})`
    throw new COMET_ERR_QUERY(QUERY.history, rule, `${counts.length} times`)
  }
  if (counts.length === 0 || (cursor !== undefined && join.size === 0)) return NO_HISTORY
  const countAt = (index: number): number => counts[counts.length === 1 ? 0 : index] as number
  const pairs = names.map((name, index) => [name, countAt(index)] as const)
  return new Map(pairs.filter(([, count]) => count > 0))
}

function historyCount (text: string): number {
  if (/^\d{1,4}$/.test(text) && Number(text) <= MAX_HISTORY) return Number(text)
  throw new COMET_ERR_QUERY(QUERY.history, `a number from 0 to ${MAX_HISTORY}`, show(text))
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
