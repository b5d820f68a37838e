import type { FastifyInstance } from 'fastify'
import type { Comet } from '../comet.ts'
import type { Instance } from '../instance.ts'
import { transports } from '../../transports/index.ts'
import type { Transport } from '../../transports/transport.ts'
import { clientRoutes } from './client-scripts.ts'
import { iframeErrorHandler } from './iframe-errors.ts'
import { publishRoute } from './publish.ts'
import { redactClient, type Serializers } from './redact.ts'
import { subscribeHandler } from './subscribe.ts'

// Fastify's own limit for handlers is not meant for a request that is held on purpose, ms beyond `pollTimeout`.
const HANDLER_GRACE = 60_000

/** Mounts the routes of an instance: one for each transport, the client's scripts, and `POST {prefix}/publish`. */
export async function mountRoutes (
  app: FastifyInstance, instance: Instance, comet: Comet, logSerializers?: Serializers
): Promise<void> {
  const { options } = instance
  for (const transport of transports) mountTransport(app, instance, transport, logSerializers)
  if (options.serveClient) await clientRoutes(app, options)
  if (options.publishRoute) await app.register(async (app) => { publishRoute(app, instance, comet) })
}

function mountTransport (
  app: FastifyInstance, instance: Instance, transport: Transport, logSerializers?: Serializers
): void {
  const { routeOptions, pollTimeout, origins } = instance.options
  app.get(`/${transport.name}`, {
    ...routeOptions,
    exposeHeadRoute: false,
    ...redactClient(app, logSerializers),
    ...(hasHandlerTimeout(app) ? { handlerTimeout: pollTimeout + HANDLER_GRACE } : {}),
    ...(transport.errorAs === 'document' ? { errorHandler: iframeErrorHandler(transport, origins) } : {})
  }, subscribeHandler(instance, transport))
}

function hasHandlerTimeout (app: FastifyInstance): boolean {
  return Number(Reflect.get(app.initialConfig, 'handlerTimeout')) > 0
}
