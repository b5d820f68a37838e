import type { FastifyInstance, FastifyPluginAsync, RegisterOptions } from 'fastify'
import fp from 'fastify-plugin'
import { type Comet, createComet } from './comet.ts'
import { createEngine, type Engine } from './engine.ts'
import { COMET_ERR_REGISTERED } from './errors.ts'
import type { CometOptions, Options } from './options.ts'
import { parseOptions } from './parse-options.ts'
import { warn } from './report.ts'
import { severalProcesses } from './several-processes.ts'
import { within } from './patience.ts'
import { clientRoutes } from './routes/client.ts'
import { publishRoute } from './routes/publish.ts'
import { errorDocument } from './routes/error-document.ts'
import { secretFreeLog, type Serializers } from './routes/secret-free-log.ts'
import { subscribeHandler } from './routes/subscribe.ts'
import { transports } from './transports/index.ts'
import type { Transport } from './transports/transport.ts'

export * from './channels.ts'
export type { Comet, CometStats } from './comet.ts'
export type { DisconnectCriteria } from './disconnect.ts'
export type { Listener, ListenOptions, MissedMessages } from './listener.ts'
export type { EndReason } from './connection.ts'
export type { Appended, LogEntry, LogReader, MessageLog } from './log/message-log.ts'
export type { ConnectionEvent } from './membership.ts'
export type { Authorize, AuthorizeAnswer, AuthorizeQuestion, CometOptions, CometRouteOptions, PublishBody, SlowConsumer, Subscriber, SubscriberHook } from './options.ts'
export type { CloseReason, GapReason, TransportName } from './protocol.ts'
export type { HistoryOptions, HistoryPage } from './read-history.ts'

declare module 'fastify' {
  interface FastifyInstance {
    comet: Comet
  }
}

// An application whose log cannot be reached starts all the same after this, ms. Clients wait for the log then.
const LOAD_PATIENCE = 5000

/** Decorates the application with `comet` and mounts the routes of its transports. */
const plugin: FastifyPluginAsync<CometOptions> = async (app, { logLevel, logSerializers, ...given }: CometOptions & RegisterOptions) => {
  const options = parseOptions(given, app.initialConfig.disableRequestLogging !== true && app.log.level !== undefined)
  refuseSecond(app, options)
  if (options.publishRoute && given.authorize === undefined) warn(app.log, 'comet: the publish route is mounted, but without the option "authorize" nobody may publish through it')
  warnOfSeveralProcesses(app, options)
  const engine = createEngine(options, app.log)
  const comet = createComet(engine)
  app.decorate(options.name, comet)
  app.addHook('onReady', async () => { await within(LOAD_PATIENCE, engine.bus.loading) })
  if (app.initialConfig.http2 === true) engine.connections.sessions.follow(app.server)
  app.addHook('preClose', () => engine.close())
  const context = { prefix: options.prefix, ...(logLevel === undefined ? {} : { logLevel }), ...(logSerializers === undefined ? {} : { logSerializers }) }
  await app.register(async (app) => { await mount(app, engine, comet, logSerializers) }, context)
}

// Each process would have its own messages, and clients of one would hear nothing from another.
function warnOfSeveralProcesses (app: FastifyInstance, { log }: Options): void {
  const reason = log === undefined ? severalProcesses() : undefined
  if (reason === undefined) return
  warn(app.log, `comet: ${reason}, and messages, history, presence and disconnect stay within it; let the processes share a log: the option "log" with redisLog of fastify-comet/redis or natsLog of fastify-comet/nats`)
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
    ...(transport.name === 'iframe' ? { errorHandler: errorDocument(transport, origins) } : {})
  }, subscribeHandler(engine, transport))
}

function hasHandlerTimeout (app: FastifyInstance): boolean {
  return Number(Reflect.get(app.initialConfig, 'handlerTimeout')) > 0
}

export const comet: FastifyPluginAsync<CometOptions> = fp(plugin, { name: 'fastify-comet', fastify: '5.x' })
export default comet
