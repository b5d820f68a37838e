import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import type { Authorization, Permit } from './authorization/authorization.ts'
import type { Connection, ConnectionContext, ConnectionParts } from './connection.ts'
import type { ControlFrame } from '../protocol/wire.ts'
import { retryDelay } from './retry.ts'
import { type ConnectionEvent, ConnectionLifecycle } from './lifecycle.ts'
import type { AuthorizeQuestion } from './authorization/authorize.ts'
import { Poll } from './poll.ts'
import type { Presence } from './presence/presence.ts'
import type { ConnectionRegistry } from './registry.ts'
import type { ConnectionSettings } from './settings.ts'
import type { Bus } from '../bus/bus.ts'
import { keepAuthorized } from './authorization/reauthorization.ts'
import { writeLog } from '../util/logger.ts'
import { isLogged, logCompleted } from './request-log.ts'
import type { Seat } from '../bus/seat.ts'
import { Stream } from './stream.ts'
import type { Start } from '../bus/subscription/replay-plan.ts'
import { Subscription } from '../bus/subscription/subscription.ts'
import type { Transport } from '../transports/transport.ts'

/** The parts of the instance that a connection is made with. */
export interface Parts {
  readonly options: ConnectionSettings
  readonly bus: Bus
  readonly connections: ConnectionRegistry
  readonly presence: Presence
  readonly authorization: Authorization
}

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
export function connect (parts: Parts, transport: Transport, admission: Admission): void {
  const { request, reply, query, permit } = admission
  const identity = parts.presence.identify(query.client, permit.user)
  const isRequestLogged = parts.options.requestLogging && isLogged(request)
  const membership = new ConnectionLifecycle(parts.presence, endLog(isRequestLogged, transport, request.log), transport, identity, permit.channels)
  const connection = createConnection(parts, transport, admission, membership)
  parts.connections.add(connection, identity)
  whenClosed(parts, connection, reply.raw, request.log, isRequestLogged ? () => { logCompleted(request, reply) } : undefined)
  membership.begin()
  connection.open()
}

function endLog (isRequestLogged: boolean, { policy }: Transport, log: FastifyBaseLogger): (event: ConnectionEvent) => void {
  const level = isRequestLogged ? policy.endLevel : 'debug'
  return (event) => { writeLog(log, level, event, 'comet connection ended') }
}

function createConnection (parts: Parts, transport: Transport, admission: Admission, membership: ConnectionLifecycle): Connection {
  const seat = parts.bus.join(admission.permit.channels)
  try {
    return createIn(seat, parts, transport, admission, membership)
  } catch (error) {
    seat.leave()
    throw error
  }
}

function createIn (seat: Seat, parts: Parts, transport: Transport, admission: Admission, membership: ConnectionLifecycle): Connection {
  const { bus, options: settings, connections: { counters } } = parts
  const { request, reply, query, question, origin } = admission
  const context: ConnectionContext = { bus, settings, counters, membership }
  const subscription = subscribe(parts, transport, admission, seat)
  const connectionParts: ConnectionParts = { context, transport, request, reply, seat, subscription }
  if (transport.policy.endsAfterFlush) return new Poll(connectionParts, transport.policy.announcesOpen(query))
  const stream = new Stream(connectionParts, transport.preamble({ retry: retryDelay(), origin }))
  if (transport.policy.isReauthorized && settings.authorizeInterval > 0) membership.stop = keepAuthorized(parts, stream, request, question, (denied) => { membership.leave(denied) })
  return stream
}

function subscribe ({ bus, options: settings }: Parts, transport: Transport, { query, question, permit }: Admission, seat: Seat): Subscription {
  const subscription = new Subscription(bus, seat.channels, query, transport.policy.maxJoinBytes)
  const frames: ControlFrame[] = []
  if (transport.policy.announcesOpen(query)) {
    const { cursor, resumed } = subscription
    frames.push({ type: 'open', cursor, resumed, heartbeat: settings.heartbeatInterval, poll: settings.pollTimeout })
  }
  const denied = question.channels.filter((channel) => !permit.channels.includes(channel))
  if (denied.length > 0) frames.push({ type: 'denied', channels: denied })
  subscription.introduce(frames)
  return subscription
}

// It must not hold request and reply, but to log them: they would take as much memory again as an idle stream. Fastify logs a
// response when it has finished; one whose client has left never does.
function whenClosed ({ connections }: Parts, connection: Connection, raw: FastifyReply['raw'], log: FastifyBaseLogger, onAbort: (() => void) | undefined): void {
  raw.on('error', (error) => { writeLog(log, 'debug', { err: error }, 'comet connection failed') })
  raw.on('close', () => {
    connection.closed()
    connections.remove(connection)
    if (!raw.writableFinished) onAbort?.()
  })
}
