import type { FastifyInstance, FastifyPluginAsync, RegisterOptions } from 'fastify'
import fp from 'fastify-plugin'
import { type Comet, createComet } from './plugin/comet.ts'
import { createEngine, type Engine } from './plugin/instance.ts'
import { COMET_ERR_REGISTERED } from './errors.ts'
import type { CometOptions, Options } from './plugin/options.ts'
import { parseOptions } from './plugin/parse-options.ts'
import { warn } from './util/logger.ts'
import { severalProcesses } from './plugin/several-processes.ts'
import { withTimeout } from './util/promises.ts'
import { clientRoutes } from './plugin/routes/client-scripts.ts'
import { publishRoute } from './plugin/routes/publish.ts'
import { errorDocument } from './plugin/routes/iframe-errors.ts'
import { secretFreeLog, type Serializers } from './plugin/routes/redact.ts'
import { subscribeHandler } from './plugin/routes/subscribe.ts'
import { transports } from './transports/index.ts'
import type { Transport } from './transports/transport.ts'

export * from './protocol/messages.ts'
export type { Comet, CometStats } from './plugin/comet.ts'
export type { DisconnectCriteria } from './plugin/disconnect.ts'
export type { Listener, ListenOptions, MissedMessages } from './bus/listener.ts'
export type { EndReason } from './connections/connection.ts'
export type { Appended, LogEntry, LogReader, MessageLog } from './log/message-log.ts'
export type { ConnectionEvent } from './connections/lifecycle.ts'
export type { Authorize, AuthorizeAnswer, AuthorizeQuestion, PublishBody } from './connections/authorization/authorize.ts'
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
const LOAD_PATIENCE = 5000

/** Decorates the application with `comet` and mounts the routes of its transports. */
const plugin: FastifyPluginAsync<CometOptions> = async (app, { logLevel, logSerializers, ...given }: CometOptions & RegisterOptions) => {
  const options = parseOptions(given, app.initialConfig.disableRequestLogging !== true && app.log.level !== undefined)
  refuseSecond(app, options)
  if (options.publishRoute && given.authorize === undefined) warn(app.log, NOBODY_MAY_PUBLISH)
  warnOfSeveralProcesses(app, options)
  const engine = createEngine(options, app.log)
  const comet = createComet(engine)
  app.decorate(options.name, comet)
  app.addHook('onReady', async () => { await withTimeout(engine.bus.loading, LOAD_PATIENCE) })
  if (app.initialConfig.http2 === true) engine.connections.sessions.follow(app.server)
  app.addHook('preClose', () => engine.close())
  const context = { prefix: options.prefix, ...(logLevel === undefined ? {} : { logLevel }), ...(logSerializers === undefined ? {} : { logSerializers }) }
  await app.register(async (app) => { await mount(app, engine, comet, logSerializers) }, context)
}

// Each process would have its own messages, and clients of one would hear nothing from another.
function warnOfSeveralProcesses (app: FastifyInstance, { log }: Options): void {
  const reason = log === undefined ? severalProcesses() : undefined
  if (reason === undefined) return
  warn(app.log, `comet: ${reason}. ${SHARE_A_LOG}`)
}

function refuseSecond (app: FastifyInstance, { name, prefix, routeOptions }: Options): void {
  if (Object.hasOwn(app, name)) throw new COMET_ERR_REGISTERED(`app.${name}`)
  const path = `${app.prefix}${prefix}`
  const isMounted = transports.some((transport) => app.hasRoute({ method: 'GET', url: `${path}/${transport.name}`, constraints: routeOptions.constraints ?? {} }))
  if (isMounted) throw new COMET_ERR_REGISTERED(path)
}

async function mount (app: FastifyInstance, engine: Engine, comet: Comet, logSerializers?: Serializers): Promise<void> {
  const { options } = engine
  for (const transport of transports) mountTransport(app, engine, transport, logSerializers)
  if (options.serveClient) await clientRoutes(app, options)
  if (options.publishRoute) await app.register(async (app) => { publishRoute(app, engine, comet) })
}

function mountTransport (app: FastifyInstance, engine: Engine, transport: Transport, logSerializers?: Serializers): void {
  const { routeOptions, pollTimeout, origins } = engine.options
  app.get(`/${transport.name}`, {
    ...routeOptions,
    exposeHeadRoute: false,
    ...secretFreeLog(app, logSerializers),
    // The application's own limit is not meant for a request that is held on purpose.
    ...(hasHandlerTimeout(app) ? { handlerTimeout: pollTimeout + 60_000 } : {}),
    ...(transport.errorAs === 'document' ? { errorHandler: errorDocument(transport, origins) } : {})
  }, subscribeHandler(engine, transport))
}

function hasHandlerTimeout (app: FastifyInstance): boolean {
  return Number(Reflect.get(app.initialConfig, 'handlerTimeout')) > 0
}

export const comet: FastifyPluginAsync<CometOptions> = fp(plugin, { name: 'fastify-comet', fastify: '5.x' })
export default comet
