import { COMET_ERR_OPTION, COMET_ERR_OPTION_UNKNOWN, show } from '../errors.ts'
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

type Name = keyof Complete

type PerChannel = 'historySize' | 'historyAge' | 'slowConsumer'

/** Returns the text of the rule if the value breaks it, otherwise `undefined`. */
type Rule = (value: unknown) => string | undefined

const MAX_TIMEOUT = 2_147_483_647 // ms, the longest delay of a timer

const RULES: Record<Name, Rule> = {
  prefix: rule('a path such as "/comet", without a trailing slash', isPath),
  historySize: integer(0, 1_000_000, 'or a function'),
  historyAge: integer(1, MAX_TIMEOUT, 'or a function'),
  channelBytes: integer(0),
  historyBytes: integer(0),
  retain: aFunction,
  heartbeatInterval: integer(1, MAX_TIMEOUT),
  pollTimeout: integer(1, MAX_TIMEOUT),
  maxConnectionAge: integer(0, MAX_TIMEOUT),
  maxConnections: integer(0),
  maxConnectionsPerAddress: integer(0),
  maxChannels: integer(1),
  maxMessageBytes: integer(1),
  maxBufferedBytes: integer(1),
  authorize: aFunction,
  authorizeInterval: integer(0, MAX_TIMEOUT),
  onSubscribe: aFunction,
  onUnsubscribe: aFunction,
  presenceGrace: integer(0, MAX_TIMEOUT),
  slowConsumer: rule(slowConsumerRule(), (value) => typeof value === 'function' || isSlowConsumer(value)),
  compress: aBoolean,
  publishRoute: aBoolean,
  serveClient: aBoolean,
  origins: rule('an array of origins such as "https://example.com"', isOrigins),
  routeOptions: rule(`an object with no other keys than ${ROUTE_OPTIONS.join(', ')}`, isRouteOptions),
  name: rule('an identifier such as "comet"', (value) => typeof value === 'string' && /^[A-Za-z_$][\w$]*$/.test(value)),
  log: rule('a MessageLog such as redisLog(…)', isLog)
}

/** Validates the options and adds the defaults. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`. */
export function parseOptions (given: CometOptions, requestLogging: boolean): Options {
  for (const [name, value] of Object.entries(given)) {
    if (!Object.hasOwn(RULES, name)) throw new COMET_ERR_OPTION_UNKNOWN(name, Object.keys(RULES).join(', '))
    const broken = value === undefined ? undefined : RULES[name as Name](value)
    if (broken !== undefined) throw new COMET_ERR_OPTION(name, broken, show(culprit(name, value)))
  }
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
  const options: Complete = { ...DEFAULTS, ...set }
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
  const times = [heartbeatInterval, pollTimeout, historyAge, authorizeInterval, presenceGrace, maxConnectionAge]
  const shortest = Math.min(10_000, ...times.filter((time) => typeof time === 'number' && time > 0) as number[])
  return Math.max(5, Math.floor(shortest / 10))
}

// Every result of the application's function is checked, so that it cannot set a wrong limit.
function perChannel<T extends number | string> (
  name: PerChannel, option: T | ((channel: string) => T)
): (channel: string) => T {
  if (typeof option !== 'function') return () => option
  return (channel) => {
    const value = option(channel)
    const broken = typeof value === 'function' ? 'a value, not a function' : RULES[name](value)
    if (broken !== undefined) throw new COMET_ERR_OPTION(`${name}(${JSON.stringify(channel)})`, broken, show(value))
    return value
  }
}

function rule (text: string, holds: (value: unknown) => boolean): Rule {
  return (value) => holds(value) ? undefined : text
}

function integer (min: number, max: number = Number.MAX_SAFE_INTEGER, or = ''): Rule {
  const range = max === Number.MAX_SAFE_INTEGER ? `from ${min}` : `from ${min} to ${max}`
  return rule(`an integer ${range} ${or}`.trim(), (value) => (or !== '' && typeof value === 'function') ||
    (Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max))
}

function aFunction (value: unknown): string | undefined {
  return typeof value === 'function' ? undefined : 'a function'
}

function aBoolean (value: unknown): string | undefined {
  return typeof value === 'boolean' ? undefined : 'true or false'
}

function slowConsumerRule (): string {
  return '"resume", "latest", "disconnect" or a function'
}

function isSlowConsumer (value: unknown): boolean {
  return value === 'resume' || value === 'latest' || value === 'disconnect'
}

function isPath (value: unknown): boolean {
  return typeof value === 'string' && /^(\/[^/?#\s]+)+$/.test(value)
}

function isOrigins (value: unknown): boolean {
  return Array.isArray(value) && value.every(isOrigin)
}

function isOrigin (value: unknown): boolean {
  return typeof value === 'string' && URL.canParse(value) && new URL(value).origin === value
}

function isPlain (value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isRouteOptions (value: unknown): boolean {
  return isPlain(value) && Object.keys(value).every(isRouteOption)
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
