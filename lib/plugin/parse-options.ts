import { COMET_ERR_OPTION, show } from '../errors.ts'
import { completeOptions, integer, MAX_TIMEOUT, type OptionRule, type OptionRules } from '../util/option-rules.ts'
import { type CometOptions, type Options, ROUTE_OPTIONS } from './options.ts'
import type { SlowConsumer } from '../history/settings.ts'

type Optional = 'onSubscribe' | 'onUnsubscribe' | 'log'
type Complete = { [K in keyof CometOptions]-?: CometOptions[K] | (K extends Optional ? undefined : never) }

const DEFAULTS: Complete = {
  prefix: '/comet',
  historySize: 1000,
  historyAge: 300_000,
  channelBytes: 8_388_608,
  historyBytes: 67_108_864,
  retain: () => false,
  heartbeatInterval: 15_000,
  pollTimeout: 25_000,
  maxConnectionAge: 600_000,
  maxConnections: 0,
  maxConnectionsPerAddress: 0,
  maxChannels: 128,
  maxMessageBytes: 65_536,
  maxBufferedBytes: 65_536,
  authorize: (_request, { action }) => action === 'subscribe',
  authorizeInterval: 0,
  onSubscribe: undefined,
  onUnsubscribe: undefined,
  presenceGrace: 10_000,
  slowConsumer: 'resume',
  compress: false,
  publishRoute: false,
  serveClient: true,
  origins: [],
  routeOptions: {},
  name: 'comet',
  log: undefined
}

const SLOW_CONSUMER: OptionRule = ['"resume", "latest", "disconnect"', isSlowConsumer]
const A_FUNCTION: OptionRule = ['a function', (value) => typeof value === 'function']
const A_BOOLEAN: OptionRule = ['true or false', (value) => typeof value === 'boolean']

const RULES: OptionRules<Complete> = {
  prefix: ['a path such as "/comet", without a trailing slash', isPrefix],
  historySize: orFunction(integer(0, 1_000_000)),
  historyAge: orFunction(integer(1, MAX_TIMEOUT)),
  channelBytes: integer(0),
  historyBytes: integer(0),
  retain: A_FUNCTION,
  heartbeatInterval: integer(1, MAX_TIMEOUT),
  pollTimeout: integer(1, MAX_TIMEOUT),
  maxConnectionAge: integer(0, MAX_TIMEOUT),
  maxConnections: integer(0),
  maxConnectionsPerAddress: integer(0),
  maxChannels: integer(1),
  maxMessageBytes: integer(1),
  maxBufferedBytes: integer(1),
  authorize: A_FUNCTION,
  authorizeInterval: integer(0, MAX_TIMEOUT),
  onSubscribe: A_FUNCTION,
  onUnsubscribe: A_FUNCTION,
  presenceGrace: integer(0, MAX_TIMEOUT),
  slowConsumer: orFunction(SLOW_CONSUMER),
  compress: A_BOOLEAN,
  publishRoute: A_BOOLEAN,
  serveClient: A_BOOLEAN,
  origins: ['an array of origins such as "https://example.com"', isOrigins],
  routeOptions: [`an object with no other keys than ${ROUTE_OPTIONS.join(', ')}`, isRouteOptions],
  name: ['an identifier such as "comet"', (value) => typeof value === 'string' && /^[A-Za-z_$][\w$]*$/.test(value)],
  log: ['a MessageLog such as redisLog(…)', isLog]
}

/** Validates the options and adds the defaults. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`. */
export function parseOptions (given: CometOptions, requestLogging: boolean): Options {
  const options = completeOptions<Complete>(given, DEFAULTS, RULES, culprit)
  return {
    ...options,
    historySize: perChannel('historySize', options.historySize),
    historyAge: perChannel('historyAge', options.historyAge),
    slowConsumer: perChannel<SlowConsumer>('slowConsumer', options.slowConsumer),
    tick: tick(options),
    requestLogging
  }
}

// How often timers are checked, ms. So nothing is late by more than a tenth of the shortest time, or by more than 1 s.
function tick (options: Complete): number {
  const { heartbeatInterval, pollTimeout, historyAge, authorizeInterval, presenceGrace, maxConnectionAge } = options
  const intervals = [heartbeatInterval, pollTimeout, historyAge, authorizeInterval, presenceGrace, maxConnectionAge]
  const given = intervals.filter((interval) => typeof interval === 'number' && interval > 0) as number[]
  const shortest = Math.min(10_000, ...given)
  return Math.max(5, Math.floor(shortest / 10))
}

type ChannelOption = 'historySize' | 'historyAge' | 'slowConsumer'

// Every result of the application's function is checked, so that it cannot set a wrong limit.
function perChannel<T extends number | string> (
  name: ChannelOption, option: T | ((channel: string) => T)
): (channel: string) => T {
  if (typeof option !== 'function') return () => option
  const [text, holds] = RULES[name]
  return (channel) => {
    const value = option(channel)
    if (holds(value) && typeof value !== 'function') return value
    const rule = typeof value === 'function' ? 'a value, not a function' : text
    throw new COMET_ERR_OPTION(`${name}(${JSON.stringify(channel)})`, rule, show(value))
  }
}

function orFunction ([text, holds]: OptionRule): OptionRule {
  return [`${text} or a function`, (value) => typeof value === 'function' || holds(value)]
}

function isPrefix (value: unknown): boolean {
  return typeof value === 'string' && /^(\/[^/?#\s]+)+$/.test(value)
}

function isSlowConsumer (value: unknown): boolean {
  return value === 'resume' || value === 'latest' || value === 'disconnect'
}

function isOrigin (value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
}

function isOrigins (value: unknown): boolean {
  return Array.isArray(value) && value.every(isOrigin)
}

function isRouteOptions (value: unknown): boolean {
  return isPlain(value) && Object.keys(value).every(isRouteOption)
}

function isPlain (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRouteOption (key: string): boolean {
  return (ROUTE_OPTIONS as readonly string[]).includes(key)
}

// The value that the message names: of several values, the one that breaks the rule.
function culprit (name: string, value: unknown): unknown {
  if (name === 'origins' && Array.isArray(value)) return value.find((origin) => !isOrigin(origin))
  if (name === 'routeOptions' && isPlain(value)) return Object.keys(value).find((key) => !isRouteOption(key))
  return value
}

function isLog (value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  return ['start', 'append', 'catchUp', 'close'].every((name) => typeof Reflect.get(value, name) === 'function')
}
