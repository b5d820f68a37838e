import { TRANSPORT_NAMES, type TransportName } from '../protocol/wire.ts'
import type { Env } from './browser/env.ts'
import { invalid } from './errors.ts'
import { BOOLEAN, check, checkOptions, FUNCTION, integer, text, type Rule } from './rules.ts'

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

const RULES: Readonly<Record<keyof CometOptions, Rule>> = {
  transports: { words: 'a list of ' + TRANSPORT_NAMES.join(', '), fits: isTransportList },
  withCredentials: BOOLEAN,
  firstFrameTimeout: integer(1, 99_999),
  upgrade: BOOLEAN,
  share: { words: 'a boolean or a string that is not empty', fits: (value) => typeof value === 'boolean' || (typeof value === 'string' && value !== '') },
  cursor: text('a cursor', /^[\w-]{1,128}$/),
  params: FUNCTION,
  headers: FUNCTION,
  debug: BOOLEAN
}

/** The complete settings, or a `TypeError` that names the option, its rule and the value. */
export function parseOptions (env: Env, url: string, options: CometOptions = {}): Settings {
  check('url', text('a path without query', /^[^?#]*$/), url)
  checkOptions('Comet', RULES, options)
  if (!/^https?:\/\//i.test(url) && !env.location) throw invalid('url', 'absolute outside a browser (https://example.com/comet)', url)
  const settings: Record<string, unknown> = { env, options, url: url.replace(/\/+$/, ''), transports: TRANSPORT_NAMES, firstFrameTimeout: 2000, upgrade: true }
  Object.keys(options).forEach((name) => {
    const value = options[name as keyof CometOptions]
    if (value !== undefined) settings[name] = value
  })
  return settings as unknown as Settings
}

function isTransportList (value: unknown): boolean {
  const isTransport = (name: unknown) => TRANSPORT_NAMES.indexOf(name as TransportName) >= 0
  return Array.isArray(value) && value.length > 0 && value.every(isTransport)
}
