import { MAX_HISTORY, MAX_NAME_LENGTH, TRANSPORT_NAMES, type TransportName } from '../protocol.ts'
import type { Env } from './env.ts'
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
  /** Log what the client decides. `localStorage.comet = 'debug'` does the same. What makes it give up is logged in any case. Default: false. */
  debug?: boolean
}

/** The options, complete. */
export interface Settings extends Readonly<CometOptions> {
  /** The surroundings. */
  readonly env: Env
  readonly url: string
  /** As they were given. */
  readonly options: CometOptions
  readonly transports: readonly TransportName[]
  readonly firstFrameTimeout: number
  readonly upgrade: boolean
}

/** What is asked of a value: in words, and as a pattern of its type and itself. */
export type Rule = readonly [rule: string, pattern: RegExp]

const BOOLEAN: Rule = ['a boolean', /^boolean/]
export const FUNCTION: Rule = ['a function', /^function/]

const RULES: Record<keyof CometOptions, Rule> = {
  transports: ['a list of ' + TRANSPORT_NAMES.join(', '), /^object (,?(eventsource|iframe|long-poll)\b)+$/],
  withCredentials: BOOLEAN,
  firstFrameTimeout: ['an integer from 1 to 99999', /^number [1-9]\d{0,4}$/],
  upgrade: BOOLEAN,
  share: ['a boolean or a string', /^(boolean|string .)/],
  cursor: ['a cursor', /^string [\w-]{1,128}$/],
  params: FUNCTION,
  headers: FUNCTION,
  debug: BOOLEAN
}

// eslint-disable-next-line no-control-regex -- they are what is refused
const CHANNEL: Rule = ['1 to ' + MAX_NAME_LENGTH + ' characters, no control characters', /^string [^\0-\x1f\x7f-\x9f]{1,255}$/]

const HISTORY: Rule = ['an integer from 0 to ' + MAX_HISTORY, /^number (\d{1,3}|1000)$/]

/** The complete settings, or a `TypeError` that names the option, its rule and the value. */
export function parseOptions (env: Env, url: string, options: CometOptions): Settings {
  check('url', ['a path without query', /^string [^?#]*$/], url)
  const settings: Record<string, unknown> = { env, options, url: url.replace(/\/+$/, ''), transports: TRANSPORT_NAMES, firstFrameTimeout: 2000, upgrade: true }
  Object.keys(options).forEach((name) => {
    check('option', oneOf(Object.keys(RULES)), name)
    const value = options[name as keyof CometOptions]
    if (value === undefined) return
    check(name, RULES[name as keyof CometOptions], value)
    settings[name] = value
  })
  return settings as unknown as Settings
}

/** Throws unless it can be a channel's name. */
export function checkChannel (channel: unknown): void {
  check('channel', CHANNEL, channel)
}

/** Throws unless it can be a number of messages to replay. */
export function checkHistory (history: unknown): void {
  check('history', HISTORY, history)
}

export function oneOf (names: readonly string[]): Rule {
  return ['one of ' + names.join(', '), RegExp('^string (' + names.join('|') + ')$')]
}

export function check (name: string, [rule, pattern]: Rule, value: unknown): void {
  // A pair of surrogates is one character.
  const text = (typeof value + ' ' + String(value)).replace(/[\ud800-\udbff][\udc00-\udfff]/g, '_')
  if (!pattern.test(text)) throw invalid(name, rule, value)
}
