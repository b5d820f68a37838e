import type { RouteShorthandOptions } from 'fastify'
import type { BusSettings } from '../bus/settings.ts'
import type { Authorize } from '../connections/authorization/authorize.ts'
import type { SubscriberHook } from '../connections/presence/subscriber.ts'
import type { ConnectionSettings } from '../connections/settings.ts'
import type { SlowConsumer } from '../history/settings.ts'
import type { MessageLog } from '../log/message-log.ts'

/** The options of the plugin. The browser client's options have the same name, in `fastify-comet/client`. */
export interface CometOptions {
  /** The path at which the routes are mounted. @defaultValue `'/comet'` */
  prefix?: string
  /** Number of messages retained per channel. 0: a message is not retained after its delivery. @defaultValue 1000 */
  historySize?: number | ((channel: string) => number)
  /** How long messages are retained, in ms. @defaultValue 300_000 */
  historyAge?: number | ((channel: string) => number)
  /** Memory limit for the history of one channel, in bytes. @defaultValue 8 MiB */
  channelBytes?: number
  /**
   * Memory limit for the history of all channels together, in bytes. Above it, the oldest messages are evicted first,
   * whatever their channel. The sum includes the overhead per message and per channel. @defaultValue 64 MiB
   */
  historyBytes?: number
  /**
   * Returns `true` for channels whose newest message is retained whatever its age, for example a current state.
   * `historyBytes` evicts these messages last. @defaultValue none
   */
  retain?: (channel: string) => boolean
  /** Idle time before the server sends a heartbeat, in ms. @defaultValue 15_000 */
  heartbeatInterval?: number
  /** How long a poll without messages is held, in ms. @defaultValue 25_000 */
  pollTimeout?: number
  /**
   * Maximum age of a stream, in ms. The server ends each stream at a random 80 to 100 % of it, and the client opens a
   * new one. 0: never. @defaultValue 600_000
   */
  maxConnectionAge?: number
  /** Maximum number of open streams and held polls. Above it, clients are turned away. 0: no limit. @defaultValue 0 */
  maxConnections?: number
  /** The same limit for each `request.ip`; behind a proxy, set Fastify's `trustProxy`. 0: no limit. @defaultValue 0 */
  maxConnectionsPerAddress?: number
  /** Maximum number of channels of one connection; above it, the request is answered 400. @defaultValue 128 */
  maxChannels?: number
  /** Maximum size of a message's JSON, in bytes; above it, `publish` rejects. @defaultValue 65_536 */
  maxMessageBytes?: number
  /**
   * Maximum unsent data of a connection, in bytes. Above it, the connection waits for its socket. A single larger batch
   * is still sent. @defaultValue 65_536
   */
  maxBufferedBytes?: number
  /**
   * Decides who may subscribe and publish. Called in the route handler, after all hooks.
   * @defaultValue everyone may subscribe, nobody may publish
   */
  authorize?: Authorize
  /**
   * How long an answer of `authorize` is valid, in ms. A stream is authorized again after a random 80 to 100 % of it; a
   * poll only if the last answer is older. 0: `authorize` is called once per stream and once per poll. @defaultValue 0
   */
  authorizeInterval?: number
  /** Called when a subscriber has joined channels. @defaultValue none */
  onSubscribe?: SubscriberHook
  /** Called when a subscriber has left channels, never in the middle of a delivery. @defaultValue none */
  onUnsubscribe?: SubscriberHook
  /**
   * How long a client may be away before it counts as gone, in ms: between two polls, or after its stream was lost or
   * rotated. 0: it counts as gone immediately. @defaultValue 10_000
   */
  presenceGrace?: number
  /** What happens to a stream that cannot keep up with a channel. @defaultValue `'resume'` */
  slowConsumer?: SlowConsumer | ((channel: string) => SlowConsumer)
  /** Gzip streams for clients that accept it; each batch is compressed once for all of them. @defaultValue false */
  compress?: boolean
  /** Mount `POST {prefix}/publish`. @defaultValue false */
  publishRoute?: boolean
  /** Mount `GET {prefix}/client.js`, `client.mjs` and `worker.js`. @defaultValue true */
  serveClient?: boolean
  /** Other origins that may embed the iframe and publish. @defaultValue none */
  origins?: readonly string[]
  /** Fastify route options that are added to every route of the plugin. @defaultValue none */
  routeOptions?: CometRouteOptions
  /** The name of the decorator. A second instance needs another `name` and another `prefix`. @defaultValue `'comet'` */
  name?: string
  /** Where messages are stored, such as `redisLog(…)` of `fastify-comet/redis`. @defaultValue memory of this process */
  log?: MessageLog
}

/** The Fastify route options that `routeOptions` accepts. */
export type CometRouteOptions = Pick<RouteShorthandOptions, typeof ROUTE_OPTIONS[number]>

/** The keys that `routeOptions` may have. */
export const ROUTE_OPTIONS = [
  'onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onResponse', 'onTimeout',
  'onError', 'onRequestAbort', 'config', 'logLevel', 'constraints'
] as const

/** The options after validation, with all defaults. Each layer declares the settings that it needs. */
export interface Options extends BusSettings, ConnectionSettings, Required<Pick<CometOptions, PluginOption>> {
  readonly onSubscribe: SubscriberHook | undefined
  readonly onUnsubscribe: SubscriberHook | undefined
  readonly log: MessageLog | undefined
}

type PluginOption = 'prefix' | 'maxChannels' | 'maxMessageBytes' | 'authorize' | 'presenceGrace' | 'publishRoute' |
  'serveClient' | 'origins' | 'routeOptions' | 'name'
