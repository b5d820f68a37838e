import type { FastifyBodyParser, FastifyInstance, FastifyRequest } from 'fastify'
import type { Comet } from '../comet.ts'
import type { Instance } from '../instance.ts'
import { asError, COMET_ERR_BODY, COMET_ERR_MEDIA_TYPE, COMET_ERR_MESSAGE_TOO_LARGE, show } from '../../errors.ts'
import { checkChannel, checkKey } from '../validate.ts'
import type { PublishBody } from '../../connections/authorization/authorize.ts'
import { refuseCrossSite } from './origin.ts'

// The most bytes of a body beside its data: braces, names, a channel and a key of 255 characters, each escaped as two
// surrogates of 6 bytes.
const ENVELOPE_BYTES = 8192

/** Mounts `POST {prefix}/publish`: `{ channel, data, key? }` in, `{ id }` out. */
export function publishRoute (app: FastifyInstance, instance: Instance, comet: Comet): void {
  const { options, authorization } = instance
  const bodyLimit = options.maxMessageBytes + ENVELOPE_BYTES
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'string', bodyLimit }, jsonParser(app))
  app.addContentTypeParser('*', (request, _payload, done) => {
    done(new COMET_ERR_MEDIA_TYPE(show(request.headers['content-type'])))
  })
  app.post('/publish', {
    ...options.routeOptions,
    bodyLimit,
    errorHandler: (error, request, reply) => {
      reply.header('cache-control', 'no-store').send(cometError(asError(error), request, options.maxMessageBytes))
    }
  }, async (request, reply) => {
    refuseCrossSite(request, options.origins)
    const { channel, data, key } = checkBody(request.body)
    await authorization.ask(request, { action: 'publish', channels: [channel], history: 0 })
    const id = await comet.publish(channel, data, key === undefined ? {} : { key })
    return reply.code(201).header('cache-control', 'no-store').send({ id })
  })
}

// The data goes to subscribers and to `authorize`, so the application's own rules about "__proto__" hold for it.
function jsonParser (app: FastifyInstance): FastifyBodyParser<string> {
  const { onProtoPoisoning = 'error', onConstructorPoisoning = 'error' } = app.initialConfig
  const parse = app.getDefaultJsonParser(onProtoPoisoning, onConstructorPoisoning)
  return (request, text, done) => parse(request, text, (error, body) => {
    done(error === null ? null : new COMET_ERR_BODY('valid JSON', show(text)), body)
  })
}

function checkBody (body: unknown): PublishBody {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new COMET_ERR_BODY('an object with channel and data', show(body))
  }
  const { channel, data, key } = body as Record<string, unknown>
  checkChannel(channel)
  if (data === undefined) throw new COMET_ERR_BODY('an object with channel and data', 'no data')
  if (key !== undefined) checkKey(key)
  return { channel, data, key }
}

// Fastify refuses some bodies before it calls our parser, with errors of its own.
function cometError (error: Error & { code?: string }, request: FastifyRequest, maxBytes: number): Error {
  const { 'content-length': length = 'more', 'content-type': type } = request.headers
  if (error.code === 'FST_ERR_CTP_BODY_TOO_LARGE') return new COMET_ERR_MESSAGE_TOO_LARGE(maxBytes, length)
  if (error.code === 'FST_ERR_CTP_INVALID_MEDIA_TYPE') return new COMET_ERR_MEDIA_TYPE(show(type))
  return error
}
