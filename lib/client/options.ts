import { TRANSPORT_NAMES, type TransportName } from '../protocol/wire.ts'
import type { Env } from './browser/env.ts'
import { invalid } from './errors.ts'
import { BOOLEAN, check, checkMethodOptions, FUNCTION, integerRule, oneOf, text, type Rule } from './rules.ts'

/** A value, or a promise of it. */
export type Awaitable<T> = T | PromiseLike<T>

/** The options of a `Comet`. */
export interface CometOptions {
  /** Which transports may be used, in order of preference. Default: all, `eventsource`, `iframe`, `long-poll`. */
  transports?: readonly TransportName[]
  /** Send cookies to another origin too. Default: false. */
  withCredentials?: boolean
  /**
   * How long a stream has for its first frame before polls carry the messages, in ms. Shorter on fast networks, but not
   * below 500. Default: 2000.
   */
  firstFrameTimeout?: number
  /** Keep looking for a better transport. Default: true. */
  upgrade?: boolean
  /**
   * Tabs of this origin that give the same key, such as the user's name, share one connection. `true` is a key too.
   * Default: false.
   */
  share?: boolean | string
  /** Where the channels that are subscribed first start: a cursor, or `earliest`. Default: now. */
  cursor?: string
  /** Called for each request. Returns query keys, such as a fresh ticket. */
  params?: () => Awaitable<Record<string, string | number | boolean | null | undefined>>
  /** Called for each request. Returns headers. Event streams are then read with `fetch`, and the iframe is not used. */
  headers?: () => Awaitable<Record<string, string>>
  /**
   * Log what the client decides. `localStorage.comet = 'debug'` does the same. Errors are logged in any case.
   * Default: false.
   */
  debug?: boolean
}

/** The options with their defaults, and what they apply to. */
export interface Settings extends Readonly<CometOptions> {
  /** The browser, worker or process that the client runs in. */
  readonly env: Env
  /** The URL of the server's routes, without a slash at its end. */
  readonly url: string
  /** The options as they were given. */
  readonly options: CometOptions
  readonly transports: readonly TransportName[]
  readonly firstFrameTimeout: number
  readonly upgrade: boolean
}

const RULES: Readonly<Record<keyof CometOptions, Rule>> = {
  transports: { words: 'a list of ' + TRANSPORT_NAMES.join(', '), fits: isTransportList },
  withCredentials: BOOLEAN,
  firstFrameTimeout: integerRule(1, 99_999),
  upgrade: BOOLEAN,
  share: { words: 'a boolean or a non-empty string', fits: (value) => BOOLEAN.fits(value) || isNonEmpty(value) },
  cursor: text('a cursor', /^[\w-]{1,128}$/),
  params: FUNCTION,
  headers: FUNCTION,
  debug: BOOLEAN
}

/** Returns the complete settings, or throws a `TypeError` that names the option, its rule and the value. */
export function createSettings (env: Env, url: string, options: CometOptions = {}): Settings {
  check('url', text('a path without query', /^[^?#]*$/), url)
  checkMethodOptions('Comet', RULES, options)
  if (!env.location && !/^https?:\/\//i.test(url)) {
    throw invalid('url', 'absolute outside a browser', url)
  }
  const settings: Record<string, unknown> = {
    env,
    options,
    url: url.replace(/\/+$/, ''),
    transports: TRANSPORT_NAMES,
    firstFrameTimeout: 2000,
    upgrade: true
  }
  Object.keys(options).forEach((name) => {
    const value = options[name as keyof CometOptions]
    if (value !== undefined) settings[name] = value
  })
  return settings as unknown as Settings
}

function isNonEmpty (value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}

function isTransportList (value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && value.every(oneOf(TRANSPORT_NAMES).fits)
}
