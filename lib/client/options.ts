import { MAX_HISTORY, MAX_NAME_LENGTH, TRANSPORT_NAMES, type TransportName } from '../protocol.ts'
import { copy } from './dictionary.ts'
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
  /** Log what the client decides. `localStorage.comet = 'debug'` does the same. Default: false. */
  debug?: boolean
}

/** The options, complete. */
export type Settings = Readonly<Omit<Required<CometOptions>, 'cursor' | 'params' | 'headers'> & {
  /** The surroundings. */
  env: Env
  url: string
  cursor: string | null
  params: NonNullable<CometOptions['params']> | null
  headers: NonNullable<CometOptions['headers']> | null
}>

const DEFAULTS: Omit<Settings, 'env' | 'url'> = {
  transports: TRANSPORT_NAMES,
  withCredentials: false,
  firstFrameTimeout: 2000,
  upgrade: true,
  share: false,
  cursor: null,
  params: null,
  headers: null,
  debug: false
}

type Rule = [rule: string, test: (value: unknown) => boolean]

const BOOLEAN: Rule = ['a boolean', (value) => typeof value === 'boolean']
const FUNCTION: Rule = ['a function', (value) => typeof value === 'function']
const RULES: { [name in keyof CometOptions]?: Rule } = {
  transports: ['a list of ' + TRANSPORT_NAMES.join(', '), (value) => Array.isArray(value) && value.length > 0 &&
    value.every((name, index) => TRANSPORT_NAMES.indexOf(name) >= 0 && value.indexOf(name) === index)],
  firstFrameTimeout: ['a number of ms from 1 to 60000', (value) => typeof value === 'number' && value >= 1 && value <= 60_000],
  share: ['a boolean or a string', (value) => typeof value === 'boolean' || (typeof value === 'string' && value !== '')],
  cursor: ['a cursor', (value) => /^[\w-]{1,128}$/.test(value as string)],
  params: FUNCTION,
  headers: FUNCTION
}

/** The complete settings, or a `TypeError` that names the option, its rule and the value. */
export function parseOptions (env: Env, url: string, options: CometOptions): Settings {
  check('url', ['where the routes are, without a query', (value) => typeof value === 'string' && !/[?#]/.test(value)], url)
  const settings = copy(DEFAULTS) as Record<string, unknown>
  Object.keys(options).forEach((name) => {
    check('the name of an option', ['one of ' + Object.keys(DEFAULTS).join(', '), () => Object.keys(DEFAULTS).indexOf(name) >= 0], name)
    const value = options[name as keyof CometOptions]
    if (value === undefined) return
    check(name, RULES[name as keyof CometOptions] || BOOLEAN, value)
    settings[name] = value
  })
  settings.env = env
  settings.url = url.replace(/\/+$/, '')
  return settings as Settings
}

/** Throws unless it can be a channel's name. */
export function checkChannel (channel: unknown): void {
  // eslint-disable-next-line no-control-regex -- they are what is refused
  const test = (value: unknown) => typeof value === 'string' && value.length <= MAX_NAME_LENGTH && /^[^\u0000-\u001f\u007f-\u009f]+$/.test(value)
  check('channel', ['1 to ' + MAX_NAME_LENGTH + ' characters, none of them a control character', test], channel)
}

/** Throws unless it can be a number of messages to replay. */
export function checkHistory (history: unknown): void {
  const test = (value: unknown) => typeof value === 'number' && value >= 0 && value <= MAX_HISTORY && value % 1 === 0
  check('history', ['a whole number from 0 to ' + MAX_HISTORY, test], history)
}

export function checkListener (listener: unknown): void {
  check('listener', FUNCTION, listener)
}

export function check (name: string, rule: Rule, value: unknown): void {
  if (!rule[1](value)) throw invalid(name, rule[0], value)
}
