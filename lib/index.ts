import type { FastifyInstance, FastifyPluginAsync, RegisterOptions } from 'fastify'
import fp from 'fastify-plugin'
import { createComet, type Comet } from './plugin/comet.ts'
import { createInstance } from './plugin/instance.ts'
import { COMET_ERR_REGISTERED } from './errors.ts'
import type { CometOptions, Options } from './plugin/options.ts'
import { parseOptions } from './plugin/parse-options.ts'
import { mountRoutes } from './plugin/routes/mount.ts'
import { severalProcesses } from './plugin/several-processes.ts'
import { transports } from './transports/index.ts'
import { logWarning } from './util/logger.ts'
import { withTimeout } from './util/promises.ts'

export * from './protocol/messages.ts'
export type { Comet, CometStats } from './plugin/comet.ts'
export type { DisconnectCriteria } from './plugin/disconnect.ts'
export type { Listener, ListenOptions, MissedMessages } from './bus/listener.ts'
export type { EndReason } from './connections/lease.ts'
export type { Appended, LogEntry, LogReader, MessageLog } from './log/message-log.ts'
export type { ConnectionEvent } from './connections/lifecycle.ts'
export type {
  Authorize, AuthorizeAnswer, AuthorizeQuestion, PublishBody
} from './connections/authorization/authorize.ts'
export type { CometOptions, CometRouteOptions } from './plugin/options.ts'
export type { SlowConsumer } from './history/settings.ts'
export type { Subscriber, SubscriberHook } from './connections/presence/subscriber.ts'
export type { CloseReason, GapReason, TransportName } from './protocol/wire.ts'
export type { HistoryOptions, HistoryPage } from './plugin/history-page.ts'

declare module 'fastify' {
  interface FastifyInstance {
    comet: Comet
  }
}

const NOBODY_MAY_PUBLISH = 'comet: the publish route refuses every message, because the option "authorize" is missing'

const SHARE_A_LOG = 'Messages, history and disconnect do not reach the clients of the other processes. ' +
  'To share a log, pass the option "log": redisLog of fastify-comet/redis, or natsLog of fastify-comet/nats'

// An application whose log cannot be reached starts after this time, in ms. Its clients then wait for the log.
const LOAD_TIMEOUT = 5000

/** Decorates the application with `comet` and mounts the routes of its transports. */
const plugin: FastifyPluginAsync<CometOptions> = async (app, registerOptions: CometOptions & RegisterOptions) => {
  const { logLevel, logSerializers, ...given } = registerOptions
  const options = parseOptions(given, logsRequests(app))
  refuseSecond(app, options)
  warnOfMistakes(app, given, options)
  const instance = createInstance(options, app.log)
  const comet = createComet(instance)
  app.decorate(options.name, comet)
  app.addHook('onReady', async () => { await withTimeout(instance.bus.loading, LOAD_TIMEOUT) })
  if (app.initialConfig.http2 === true) instance.connections.sessions.follow(app.server)
  app.addHook('preClose', () => instance.close())
  await app.register(async (app) => { await mountRoutes(app, instance, comet, logSerializers) }, {
    prefix: options.prefix,
    ...(logLevel === undefined ? {} : { logLevel }),
    ...(logSerializers === undefined ? {} : { logSerializers })
  })
}

function logsRequests ({ initialConfig, log }: FastifyInstance): boolean {
  return initialConfig.disableRequestLogging !== true && log.level !== undefined
}

function refuseSecond (app: FastifyInstance, { name, prefix, routeOptions }: Options): void {
  if (Object.hasOwn(app, name)) throw new COMET_ERR_REGISTERED(`app.${name}`)
  const path = `${app.prefix}${prefix}`
  const { constraints = {} } = routeOptions
  const isMounted = transports.some(({ name }) => app.hasRoute({ method: 'GET', url: `${path}/${name}`, constraints }))
  if (isMounted) throw new COMET_ERR_REGISTERED(path)
}

function warnOfMistakes (app: FastifyInstance, given: CometOptions, { log, publishRoute }: Options): void {
  if (publishRoute && given.authorize === undefined) logWarning(app.log, NOBODY_MAY_PUBLISH)
  const reason = log === undefined ? severalProcesses() : undefined
  if (reason !== undefined) logWarning(app.log, `comet: ${reason}. ${SHARE_A_LOG}`)
}

/** The plugin. Register it once for each prefix; see `CometOptions`. */
export const comet: FastifyPluginAsync<CometOptions> = fp(plugin, { name: 'fastify-comet', fastify: '5.x' })
export default comet
