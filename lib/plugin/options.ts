import type { RouteShorthandOptions } from 'fastify'
import type { BusSettings } from '../bus/settings.ts'
import type { Authorize } from '../connections/authorization/authorize.ts'
import type { SubscriberHook } from '../connections/presence/subscriber.ts'
import type { ConnectionSettings } from '../connections/settings.ts'
import type { SlowConsumer } from '../history/settings.ts'
import type { MessageLog } from '../log/message-log.ts'

/** The options of the plugin; those of the browser client have the same name in `fastify-comet/client`. */
export interface CometOptions {
  /** Where the routes are mounted. @defaultValue `'/comet'` */
  prefix?: string
  /** Messages kept of a channel; 0 keeps none beyond their delivery. @defaultValue 1000 */
  historySize?: number | ((channel: string) => number)
  /** How long they are kept, ms. @defaultValue 300_000 */
  historyAge?: number | ((channel: string) => number)
  /** How much of a channel is kept, bytes. @defaultValue 8 MiB */
  channelBytes?: number
  /** How much is kept in all, bytes; every retained byte counts, and the oldest messages are evicted first. @defaultValue 64 MiB */
  historyBytes?: number
  /** Channels whose newest message is kept whatever its age, and evicted last by `historyBytes`. @defaultValue none */
  retain?: (channel: string) => boolean
  /** Idle time before a heartbeat, ms. @defaultValue 15_000 */
  heartbeatInterval?: number
  /** How long a poll is held, ms. @defaultValue 25_000 */
  pollTimeout?: number
  /** Streams are ended and made anew at a random 80 to 100 % of this, ms; 0 is never. @defaultValue 600_000 */
  maxConnectionAge?: number
  /** Open streams and held polls; over it clients are sent away. 0 is no limit. @defaultValue 0 */
  maxConnections?: number
  /** The same for each `request.ip`. @defaultValue 0 */
  maxConnectionsPerAddress?: number
  /** Channels of one connection. @defaultValue 128 */
  maxChannels?: number
  /** Of a message's JSON, bytes; over it `publish` rejects. @defaultValue 65_536 */
  maxMessageBytes?: number
  /** What a connection may have unsent before it waits for its socket, bytes (or one batch). @defaultValue 65_536 */
  maxBufferedBytes?: number
  /** Who may subscribe and publish; asked in the handler, after all hooks. @defaultValue everyone may subscribe, nobody publish */
  authorize?: Authorize
  /** After this, or up to a fifth less, it is asked again, ms; 0 is once (a stream) or at each poll. @defaultValue 0 */
  authorizeInterval?: number
  /** Called when a subscriber begins to listen. */
  onSubscribe?: SubscriberHook
  /** Called when a subscriber has left. */
  onUnsubscribe?: SubscriberHook
  /** How long a client may be away, between two polls or after its stream was lost, before it counts as gone, ms. @defaultValue 10_000 */
  presenceGrace?: number
  /** What becomes of a connection that cannot keep up with a channel. @defaultValue `'resume'` */
  slowConsumer?: SlowConsumer | ((channel: string) => SlowConsumer)
  /** Gzip streams for clients that accept it; each batch is compressed once for all of them. @defaultValue false */
  compress?: boolean
  /** Mount `POST {prefix}/publish`. @defaultValue false */
  publishRoute?: boolean
  /** Mount `GET {prefix}/client.js` and `client.mjs`. @defaultValue true */
  serveClient?: boolean
  /** Other origins that may embed the iframe and publish. @defaultValue none */
  origins?: readonly string[]
  /** Hooks, `config`, `logLevel`, `constraints` for the routes. */
  routeOptions?: CometRouteOptions
  /** The decorator's name. @defaultValue `'comet'` */
  name?: string
  /** Where the messages go, such as `redisLog(…)` of `fastify-comet/redis`. @defaultValue the memory of this process */
  log?: MessageLog
}

export type CometRouteOptions = Pick<RouteShorthandOptions, typeof ROUTE_OPTIONS[number]>

export const ROUTE_OPTIONS = [
  'onRequest', 'preParsing', 'preValidation', 'preHandler', 'preSerialization', 'onSend', 'onResponse', 'onTimeout',
  'onError', 'onRequestAbort', 'config', 'logLevel', 'constraints'
] as const

/** The options as they are used: complete and checked. Each layer declares what it needs of them. */
export interface Options extends BusSettings, ConnectionSettings, Required<Pick<CometOptions, PluginOption>> {
  readonly onSubscribe: SubscriberHook | undefined
  readonly onUnsubscribe: SubscriberHook | undefined
  readonly log: MessageLog | undefined
}

type PluginOption = 'prefix' | 'maxChannels' | 'maxMessageBytes' | 'authorize' | 'presenceGrace' | 'publishRoute' | 'serveClient' | 'origins' | 'routeOptions' | 'name'
