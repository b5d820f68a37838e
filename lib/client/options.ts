import { MAX_HISTORY, MAX_NAME_LENGTH, TRANSPORT_NAMES, type TransportName } from '../protocol.ts'
import { invalid } from './errors.ts'

/** A value, or a promise of it, where the browser has promises. */
export type Awaitable<T> = T | PromiseLike<T>

export interface CometOptions {
  /** Which transports may be used, in order of preference. Default: all, `eventsource`, `iframe`, `long-poll`. */
  transports?: readonly TransportName[]
  /** Send cookies to another origin too. Default: false. */
  withCredentials?: boolean
  /** ms that a stream has for its first frame before polls carry the messages; shortened on fast networks, not below 500. Default: 2000. */
  firstFrameTimeout?: number
  /** Keep looking for a better transport. Default: true. */
  upgrade?: boolean
  /** The tabs of this origin share one connection, if they give the same key, such as the user's name. `true` is a key too. Default: false. */
  share?: boolean | string
  /** Where the channels subscribed first start: a cursor, or `earliest`. Default: now. */
  cursor?: string
  /** Asked at each connect: query keys, such as a fresh ticket. */
  params?: () => Awaitable<Record<string, string | number | boolean | null | undefined>>
  /** Asked at each connect: request headers. The event stream is then read with `fetch`, and there is no iframe. */
  headers?: () => Awaitable<Record<string, string>>
  /** Log what the client decides. `localStorage.comet = 'debug'` does the same. Default: false. */
  debug?: boolean
}

/** The options, complete. */
export interface Settings {
  readonly url: string
  readonly transports: readonly TransportName[]
  readonly withCredentials: boolean
  readonly firstFrameTimeout: number
  readonly upgrade: boolean
  readonly share: boolean | string
  readonly cursor: string | null
  readonly params: NonNullable<CometOptions['params']> | null
  readonly headers: NonNullable<CometOptions['headers']> | null
  readonly debug: boolean
}

type Rule = [rule: string, test: (value: never) => boolean]

const RULES: Record<keyof CometOptions, Rule> = {
  transports: ['a list of ' + TRANSPORT_NAMES.join(', '), isTransportList],
  withCredentials: typed('boolean'),
  firstFrameTimeout: ['a number of ms from 1 to 60000', function (value: number) { return value >= 1 && value <= 60_000 }],
  upgrade: typed('boolean'),
  share: ['true, false or a string', function (value: unknown) { return typeof value === 'boolean' || (typeof value === 'string' && value !== '') }],
  cursor: ['a cursor', function (value: unknown) { return typeof value === 'string' && /^[A-Za-z0-9_-]{1,128}$/.test(value) }],
  params: typed('function'),
  headers: typed('function'),
  debug: typed('boolean')
}

/** The complete settings, or a `TypeError` that names the option, its rule and the value. */
export function parseOptions (url: string, options: CometOptions): Settings {
  if (typeof url !== 'string' || /[?#]/.test(url)) throw invalid('url', 'where the server has its routes, without a query', url)
  Object.keys(options).forEach(function (name) {
    const rule = Object.prototype.hasOwnProperty.call(RULES, name) && RULES[name as keyof CometOptions]
    if (!rule) throw invalid('options', 'one of ' + Object.keys(RULES).join(', '), name)
    const value = options[name as keyof CometOptions]
    if (value !== undefined && !rule[1](value as never)) throw invalid(name, rule[0], value)
  })
  return {
    url: url.replace(/\/+$/, ''),
    transports: options.transports || TRANSPORT_NAMES,
    withCredentials: !!options.withCredentials,
    firstFrameTimeout: options.firstFrameTimeout || 2000,
    upgrade: options.upgrade !== false,
    share: options.share || false,
    cursor: options.cursor || null,
    params: options.params || null,
    headers: options.headers || null,
    debug: !!options.debug
  }
}

/** Throws unless it can be a channel's name. */
export function checkChannel (channel: unknown): void {
  const rule = 'a string of 1 to ' + MAX_NAME_LENGTH + ' characters without control characters'
  // eslint-disable-next-line no-control-regex -- they are what is looked for
  if (typeof channel !== 'string' || !channel || channel.length > MAX_NAME_LENGTH || /[\u0000-\u001f\u007f-\u009f]/.test(channel)) {
    throw invalid('channel', rule, channel)
  }
}

/** Throws unless it can be a number of messages to replay. */
export function checkHistory (history: unknown): void {
  if (typeof history !== 'number' || !(history >= 0 && history <= MAX_HISTORY) || history % 1) {
    throw invalid('history', 'a whole number from 0 to ' + MAX_HISTORY, history)
  }
}

function typed (type: 'boolean' | 'function'): Rule {
  return ['a ' + type, function (value: unknown) { return type === 'boolean' ? typeof value === 'boolean' : typeof value === 'function' }]
}

function isTransportList (value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(function (name, index) {
    return TRANSPORT_NAMES.indexOf(name) >= 0 && value.indexOf(name) === index
  })
}
