import type { FastifyInstance } from 'fastify'
import { QUERY } from '../protocol.ts'

type Serializer = (value: unknown) => unknown

const SECRET = new RegExp(`([?&]${QUERY.client}=)[^&]*`, 'g')

/** Route options under which the application's request log shows our requests as ever, but for the client's secret. */
export function secretFreeLog (app: FastifyInstance): { logSerializers?: Record<string, Serializer> } {
  const serializers: unknown = Reflect.get(app.log, Symbol.for('pino.serializers'))
  const serialize: unknown = typeof serializers === 'object' && serializers !== null ? Reflect.get(serializers, 'req') : undefined
  if (typeof serialize !== 'function') return {}
  return { logSerializers: { req: (request) => withoutSecret(serialize(request)) } }
}

function withoutSecret (request: unknown): unknown {
  if (typeof request !== 'object' || request === null || !('url' in request) || typeof request.url !== 'string') return request
  return { ...request, url: request.url.replace(SECRET, '$1…') }
}
