import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Instance } from '../instance.ts'
import { asError } from '../../errors.ts'
import { isGone } from '../../connections/sockets/gone.ts'
import { isPipelined } from '../../connections/sockets/pipelining.ts'
import type { Transport } from '../../transports/transport.ts'
import { Admission } from './admission.ts'
import { embeddingOrigin } from './origin.ts'
import { parseQuery } from './query.ts'
import { refusePipelined, reject, setCommonHeaders } from './responses.ts'

/**
 * Handles `GET {prefix}/{transport}`: checks that the client is there, that there is a place for it, and its query. The
 * rest is up to `Admission`.
 */
export function subscribeHandler (instance: Instance, transport: Transport): RouteHandlerMethod {
  return (request, reply) => {
    setCommonHeaders(reply)
    // Hooks of the application may have taken a while: the client may have left. Its `close` event is past then.
    if (isGone(reply.raw)) return
    const pipelined = isPipelined(reply.raw)
    if (pipelined === false) return receive(instance, transport, request, reply)
    pipelined.then((isPipelined) => {
      if (isGone(reply.raw)) return
      if (isPipelined) refusePipelined(instance, reply)
      else receive(instance, transport, request, reply)
    }).catch((error: unknown) => { reply.send(asError(error)) })
  }
}

function receive (instance: Instance, transport: Transport, request: FastifyRequest, reply: FastifyReply): void {
  const { options, connections } = instance
  const refusal = connections.refusal(request.ip)
  if (refusal !== undefined) return reject(instance, transport, reply, refusal)
  try {
    const query = parseQuery(request, options.maxChannels)
    const origin = embeddingOrigin(request, transport.takesOrigin ? query.origin : undefined, options.origins)
    const place = connections.places.take(request.ip, reply.raw)
    connections.sessions.note(request)
    new Admission(instance, transport, { request, reply, query, origin, place }).begin()
  } catch (error) {
    connections.rejected++
    throw asError(error)
  }
}
