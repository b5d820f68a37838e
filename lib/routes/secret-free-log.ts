import type { FastifyInstance } from 'fastify'
import { QUERY } from '../protocol.ts'

type Serializer = (value: unknown) => unknown

/** Of a logger, by the name of the field that each is for. */
export type Serializers = Record<string, Serializer>

const SECRET = new RegExp(`([?&]${QUERY.client}=)[^&]*`, 'g')

/** Route options under which the application's request log shows our requests as ever, but for the client's secret. `own`: what it has given for our routes alone. */
export function secretFreeLog (app: FastifyInstance, own: Serializers = {}): { logSerializers?: Serializers } {
  const serialize = own['req'] ?? serializerOf(app)
  return serialize === undefined ? {} : { logSerializers: { req: (request) => withoutSecret(serialize(request)) } }
}

function serializerOf (app: FastifyInstance): Serializer | undefined {
  const serializers: unknown = Reflect.get(app.log, Symbol.for('pino.serializers'))
  const serialize: unknown = typeof serializers === 'object' && serializers !== null ? Reflect.get(serializers, 'req') : undefined
  return typeof serialize === 'function' ? serialize as Serializer : undefined
}

function withoutSecret (request: unknown): unknown {
  if (typeof request !== 'object' || request === null || !('url' in request) || typeof request.url !== 'string') return request
  return { ...request, url: request.url.replace(SECRET, '$1…') }
}
