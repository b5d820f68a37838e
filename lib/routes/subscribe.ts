import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Permit } from '../authorization.ts'
import { connect } from '../connect.ts'
import type { Engine } from '../engine.ts'
import type { AuthorizeQuestion } from '../options.ts'
import type { Transport } from '../transports/transport.ts'
import { embeddingOrigin } from './origin.ts'
import { parseQuery, type SubscribeQuery } from './query.ts'
import { sendAway, setHeaders } from './reply.ts'

/** Answers `GET {prefix}/{transport}`: is there room, what does it ask for, may it? Then a connection takes over. */
export function subscribeHandler (engine: Engine, transport: Transport): RouteHandlerMethod {
  const { options, connections } = engine
  return (request, reply) => {
    const refusal = connections.refusal(request.ip)
    if (refusal !== undefined) {
      connections.rejected++
      return sendAway(reply, transport, refusal)
    }
    const query = parseQuery(request, options.maxChannels)
    const origin = embeddingOrigin(request, transport.name === 'iframe' ? query.origin : undefined, options.origins)
    if (reply.raw.destroyed) return
    reply.raw.once('close', connections.admit(request.ip))
    const question: AuthorizeQuestion = { action: 'subscribe', channels: query.channels, history: historyWanted(query) }
    const begin = (permit: Permit): void => {
      setHeaders(reply, transport, origin)
      connect(engine, transport, { request, reply, query, question, permit, origin })
    }
    whenPermitted(ask(engine, transport, request, query, question), begin, reply)
  }
}

function whenPermitted (permit: Permit | Promise<Permit>, begin: (permit: Permit) => void, reply: FastifyReply): void {
  if (!(permit instanceof Promise)) return begin(permit)
  permit.then((permit) => {
    if (!reply.raw.destroyed) begin(permit)
  }).catch((error: unknown) => { reply.send(error) })
}

// A stream is asked about again while it lasts; a poll comes again and again, and may be let in by the last answer.
function ask ({ authorization }: Engine, transport: Transport, request: FastifyRequest, query: SubscribeQuery, question: AuthorizeQuestion): Permit | Promise<Permit> {
  return transport.endsAfterFlush
    ? authorization.askCached(request, question, query.client, query.others)
    : authorization.ask(request, question)
}

function historyWanted ({ cursor, history }: SubscribeQuery): number {
  return cursor === undefined ? Math.max(0, ...history.values()) : Infinity
}
