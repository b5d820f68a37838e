import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import type { Permit } from './authorization/authorization.ts'
import type { Connection, ConnectionContext, ConnectionParts } from './connection.ts'
import type { Engine } from '../plugin/instance.ts'
import { controlFrame } from '../bus/encode.ts'
import { retryDelay } from './retry.ts'
import { type ConnectionEvent, Membership } from './lifecycle.ts'
import type { AuthorizeQuestion } from '../plugin/options.ts'
import { Poll } from './poll.ts'
import { keepAuthorized } from './authorization/reauthorization.ts'
import { writeLog } from '../plugin/logging.ts'
import { isLogged, logCompleted } from '../plugin/request-log.ts'
import type { Seat } from '../bus/seat.ts'
import { Stream } from './stream.ts'
import { type Start, Subscription } from '../bus/subscription/subscription.ts'
import type { Transport, WireFrame } from '../transports/transport.ts'

/** A request that may subscribe. */
export interface Admission {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly query: Start & { readonly client: string | undefined }
  readonly question: AuthorizeQuestion
  readonly permit: Permit
  /** to post frames to; empty for the server's own */
  readonly origin: string
}

/** Makes an admitted request a connection, tells who watches, and starts it. */
export function connect (engine: Engine, transport: Transport, admission: Admission): void {
  const { request, reply, query, permit } = admission
  const identity = engine.presence.identify(query.client, permit.user)
  const isRequestLogged = engine.options.requestLogging && isLogged(request)
  const membership = new Membership(engine.presence, endLog(isRequestLogged, transport, request.log), transport, identity, permit.channels)
  const connection = createConnection(engine, transport, admission, membership)
  engine.connections.add(connection, identity)
  whenClosed(engine, connection, reply.raw, request.log, isRequestLogged ? () => { logCompleted(request, reply) } : undefined)
  membership.begin()
  connection.open()
}

// Like the request itself, the end of a stream is worth a line. That of a poll is routine.
function endLog (isRequestLogged: boolean, { endsAfterFlush }: Transport, log: FastifyBaseLogger): (event: ConnectionEvent) => void {
  const level = endsAfterFlush || !isRequestLogged ? 'debug' : 'info'
  return (event) => { writeLog(log, level, event, 'comet connection ended') }
}

function createConnection (engine: Engine, transport: Transport, admission: Admission, membership: Membership): Connection {
  const seat = engine.bus.join(admission.permit.channels)
  try {
    return createIn(seat, engine, transport, admission, membership)
  } catch (error) {
    seat.leave()
    throw error
  }
}

function createIn (seat: Seat, engine: Engine, transport: Transport, admission: Admission, membership: Membership): Connection {
  const { bus, options, connections: { counters } } = engine
  const { request, reply, query, question, origin } = admission
  const context: ConnectionContext = { bus, options, counters, membership }
  const subscription = subscribe(engine, transport, admission, seat)
  const parts: ConnectionParts = { context, transport, request, reply, seat, subscription }
  if (transport.endsAfterFlush) return new Poll(parts, isAnsweredAtOnce(query))
  const stream = new Stream(parts, transport.preamble({ retry: retryDelay(), origin }))
  if (options.authorizeInterval > 0) membership.stop = keepAuthorized(engine, stream, request, question, (denied) => { membership.leave(denied) })
  return stream
}

function subscribe ({ bus, options }: Engine, transport: Transport, { query, question, permit }: Admission, seat: Seat): Subscription {
  const maxJoinBytes = transport.endsAfterFlush ? transport.maxBytes / 2 : Infinity
  const subscription = new Subscription(bus, seat.channels, query, maxJoinBytes)
  const frames: WireFrame[] = []
  if (!transport.endsAfterFlush || isAnsweredAtOnce(query)) {
    const { cursor, resumed } = subscription
    frames.push(controlFrame({ type: 'open', cursor, resumed, heartbeat: options.heartbeatInterval, poll: options.pollTimeout }))
  }
  const denied = question.channels.filter((channel) => !permit.channels.includes(channel))
  if (denied.length > 0) frames.push(controlFrame({ type: 'denied', channels: denied }))
  subscription.introduce(frames)
  return subscription
}

function isAnsweredAtOnce ({ cursor, join }: Start): boolean {
  return cursor === undefined || join.size > 0
}

// It must not hold request and reply, but to log them: they would take as much memory again as an idle stream. Fastify logs a
// response when it has finished; one whose client has left never does.
function whenClosed ({ connections }: Engine, connection: Connection, raw: FastifyReply['raw'], log: FastifyBaseLogger, onAbort: (() => void) | undefined): void {
  raw.on('error', (error) => { writeLog(log, 'debug', { err: error }, 'comet connection failed') })
  raw.on('close', () => {
    connection.closed()
    connections.remove(connection)
    if (!raw.writableFinished) onAbort?.()
  })
}
