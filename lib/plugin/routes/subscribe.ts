import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Engine } from '../instance.ts'
import { asError } from '../../errors.ts'
import { isGone } from '../../connections/sockets/gone.ts'
import { itsTurn } from '../../connections/sockets/pipelining.ts'
import type { Transport } from '../../transports/transport.ts'
import { Admission } from './admission.ts'
import { embeddingOrigin } from './origin.ts'
import { parseQuery } from './query.ts'
import { refuseAhead, sendAway, setCommonHeaders } from './responses.ts'

/** Answers `GET {prefix}/{transport}`: is anybody there, is there room, what does it ask for, may it? Then a connection takes over. */
export function subscribeHandler (engine: Engine, transport: Transport): RouteHandlerMethod {
  const receive = (request: FastifyRequest, reply: FastifyReply): void => {
    // Hooks of the application may have taken their time, and so may its turn.
    if (isGone(reply.raw)) return
    const refusal = engine.connections.refusal(request.ip)
    if (refusal === undefined) admit(engine, transport, request, reply)
    else sendAway(engine, transport, reply, refusal)
  }
  return (request, reply) => {
    setCommonHeaders(reply)
    const turn = isGone(reply.raw) ? undefined : itsTurn(reply.raw)
    if (turn === undefined) return receive(request, reply)
    turn.then((isTurn) => {
      if (isTurn || isGone(reply.raw)) receive(request, reply)
      else refuseAhead(engine, reply)
    }).catch((error: unknown) => { reply.send(asError(error)) })
  }
}

function admit (engine: Engine, transport: Transport, request: FastifyRequest, reply: FastifyReply): void {
  const { options, connections } = engine
  try {
    const query = parseQuery(request, options.maxChannels)
    const origin = embeddingOrigin(request, transport.takesOrigin ? query.origin : undefined, options.origins)
    const place = connections.places.take(request.ip, reply.raw)
    connections.sessions.note(request)
    new Admission(engine, transport, { request, reply, query, origin, place }).begin()
  } catch (error) {
    connections.rejected++
    throw asError(error)
  }
}
