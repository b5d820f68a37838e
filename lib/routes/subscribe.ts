import type { FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Permit } from '../authorization.ts'
import { connect } from '../connect.ts'
import type { Engine } from '../engine.ts'
import { asError } from '../errors.ts'
import type { AuthorizeQuestion } from '../options.ts'
import { tellOfLoss } from '../pipeline.ts'
import { within } from '../patience.ts'
import { EARLIEST } from '../protocol.ts'
import { settle } from '../settle.ts'
import type { Transport } from '../transports/transport.ts'
import { embeddingOrigin } from './origin.ts'
import { parseQuery, type SubscribeQuery } from './query.ts'
import { checkHeaders, sendAway, sendClose, setCommonHeaders, setHeaders } from './reply.ts'

/** Answers `GET {prefix}/{transport}`: is there room, what does it ask for, may it? Then a connection takes over. */
export function subscribeHandler (engine: Engine, transport: Transport): RouteHandlerMethod {
  const { connections } = engine
  return (request, reply) => {
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
  const { bus, options, connections, presence } = engine
  const query = parseQuery(request, options.maxChannels)
  const origin = embeddingOrigin(request, transport.name === 'iframe' ? query.origin : undefined, options.origins)
  const question: AuthorizeQuestion = { action: 'subscribe', channels: query.channels, history: historyWanted(query) }
  const begin = (permit: Permit): void | Promise<void> => {
    const settled = settle(bus, query.cursor)
    if (settled === undefined) return start(permit)
    // Another node may have read further in the log, and handed out the cursor.
    return within(options.pollTimeout, settled).then((isSettled) => isSettled ? start(permit) : sendAway(engine, transport, reply, 'busy'))
  }
  const start = (permit: Permit): void => {
    // The client, or the server, may have left while it waited.
    if (reply.raw.destroyed) return
    if (connections.leaving) return sendAway(engine, transport, reply, 'shutdown')
    if (query.client !== undefined && presence.disconnected.take(query.client)) return sendClose(reply, transport, origin, 'disconnected')
    setHeaders(reply, transport, origin)
    checkHeaders(reply)
    connect(engine, transport, { request, reply, query, question, permit, origin })
  }
  if (!reply.raw.destroyed) reply.raw.on('close', connections.admit(request.ip))
  const permit = ask(engine, transport, request, query, question)
  const waiting = permit instanceof Promise ? permit.then(begin) : begin(permit)
  waiting?.catch((error: unknown) => { refuse(engine, reply, error) })
}

function refuse ({ connections }: Engine, reply: FastifyReply, error: unknown): void {
  connections.rejected++
  reply.send(asError(error))
}

// A stream is asked about again while it lasts; a poll comes again and again, and may be let in by the last answer.
function ask ({ authorization, options }: Engine, transport: Transport, request: FastifyRequest, query: SubscribeQuery, question: AuthorizeQuestion): Permit | Promise<Permit> {
  return transport.endsAfterFlush && options.authorizeInterval > 0
    ? authorization.askCached(request, question, { client: query.client, others: query.others, past: pastWanted(query) })
    : authorization.ask(request, question)
}

function pastWanted ({ cursor, history }: SubscribeQuery): number {
  if (cursor === EARLIEST) return Infinity
  return cursor === undefined ? Math.max(0, ...history.values()) : 0
}

function historyWanted (query: SubscribeQuery): number {
  return query.cursor === undefined ? pastWanted(query) : Infinity
}
