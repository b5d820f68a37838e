import type { FastifyInstance } from 'fastify'
import { QUERY } from '../../protocol/wire.ts'

type Serializer = (value: unknown) => unknown

/** Serializers of a logger, by the field that each is for. */
export type Serializers = Record<string, Serializer>

const SECRET = new RegExp(`([?&]${QUERY.client}=)[^&]*`, 'g')

/**
 * Route options that replace the client's secret in the application's request log. `own`: serializers that the
 * application has given for our routes alone.
 */
export function redactClient (app: FastifyInstance, own: Serializers = {}): { logSerializers?: Serializers } {
  const serialize = own['req'] ?? serializerOf(app)
  return serialize === undefined ? {} : { logSerializers: { req: (request) => withoutSecret(serialize(request)) } }
}

function serializerOf (app: FastifyInstance): Serializer | undefined {
  const serializers: unknown = Reflect.get(app.log, Symbol.for('pino.serializers'))
  if (typeof serializers !== 'object' || serializers === null) return undefined
  const serialize: unknown = Reflect.get(serializers, 'req')
  return typeof serialize === 'function' ? serialize as Serializer : undefined
}

// A serializer of the application may show the URL under any name, or the query as an object.
function withoutSecret (value: unknown): unknown {
  if (typeof value === 'string') return value.replace(SECRET, '$1…')
  if (!isPlain(value)) return value
  const redact = ([name, part]: [string, unknown]): unknown[] =>
    [name, name === QUERY.client ? '…' : withoutSecret(part)]
  return Object.fromEntries(Object.entries(value).map(redact))
}

// Neither an array nor an instance of a class, such as a socket. A parsed query has a prototype of its own.
function isPlain (value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}
