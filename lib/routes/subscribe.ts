import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Engine } from '../engine.ts'
import { asError } from '../errors.ts'
import { isGone } from '../gone.ts'
import { tellOfLoss } from '../pipeline.ts'
import type { Transport } from '../transports/transport.ts'
import { Admission } from './admission.ts'
import { embeddingOrigin } from './origin.ts'
import { parseQuery } from './query.ts'
import { sendAway, setCommonHeaders } from './reply.ts'

/** Answers `GET {prefix}/{transport}`: is anybody there, is there room, what does it ask for, may it? Then a connection takes over. */
export function subscribeHandler (engine: Engine, transport: Transport): RouteHandlerMethod {
  const { connections } = engine
  return (request, reply) => {
    // Hooks of the application may have taken their time.
    if (isGone(reply.raw)) return
    setCommonHeaders(reply)
    tellOfLoss(request, reply)
    const refusal = connections.refusal(request.ip)
    if (refusal !== undefined) return sendAway(engine, transport, reply, refusal)
    try {
      admit(engine, transport, request, reply)
    } catch (error) {
      connections.rejected++
      throw asError(error)
    }
  }
}

function admit (engine: Engine, transport: Transport, request: FastifyRequest, reply: FastifyReply): void {
  const { options, connections } = engine
  const query = parseQuery(request, options.maxChannels)
  const origin = embeddingOrigin(request, transport.name === 'iframe' ? query.origin : undefined, options.origins)
  const place = connections.places.take(request.ip, reply.raw)
  new Admission(engine, transport, { request, reply, query, origin, place }).begin()
}
