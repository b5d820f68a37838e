import type { FastifyBaseLogger, FastifyReply, FastifyRequest } from 'fastify'
import type { Authorization, Permit } from './authorization/authorization.ts'
import type { AuthorizeQuestion } from './authorization/authorize.ts'
import { keepAuthorized } from './authorization/reauthorization.ts'
import type { Bus } from '../bus/bus.ts'
import type { Connection, ConnectionParts } from './connection.ts'
import { Lease } from './lease.ts'
import { type ConnectionEvent, ConnectionLifecycle } from './lifecycle.ts'
import { Poll } from './poll.ts'
import type { Presence } from './presence/presence.ts'
import type { ConnectionRegistry } from './registry.ts'
import { isLogged, logCompleted } from './request-log.ts'
import type { ControlFrame } from '../protocol/wire.ts'
import { retryDelay } from './retry.ts'
import type { ConnectionSettings } from './settings.ts'
import { Stream } from './stream.ts'
import type { Start } from '../bus/subscription/replay-plan.ts'
import { Subscription } from '../bus/subscription/subscription.ts'
import type { Transport } from '../transports/transport.ts'
import { writeLog } from '../util/logger.ts'

/** The parts of an instance that a connection is created with. */
export interface ConnectParts {
  readonly options: ConnectionSettings
  readonly bus: Bus
  readonly connections: ConnectionRegistry
  readonly presence: Presence
  readonly authorization: Authorization
}

/** A request that may become a connection. */
export interface AdmittedRequest {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly query: Start & { readonly client: string | undefined }
  readonly question: AuthorizeQuestion
  readonly permit: Permit
  /** the origin to post frames to; empty for the server's own */
  readonly origin: string
}

/**
 * Makes an admitted request a connection, notifies hooks and observers, and starts it. What depends on the connection
 * subscribes to its end through the lease. Throws if the response cannot be begun, and then nothing of it is left.
 */
export function connect (parts: ConnectParts, transport: Transport, admitted: AdmittedRequest): void {
  const { bus, connections, options, presence } = parts
  const { request, reply, query, permit: { user, channels } } = admitted
  const isRequestLogged = options.requestLogging && isLogged(request)
  const identity = presence.identify(query.client, user)
  const onEnd = endLog(request.log, isRequestLogged ? transport.policy.endLevel : 'debug')
  const lifecycle = new ConnectionLifecycle({ presence, transport: transport.name, identity, channels, onEnd })
  const lease = new Lease(bus.subscribe(channels))
  const connection = createConnection(parts, transport, admitted, lease, lifecycle)
  lease.onEnd((reason) => { lifecycle.end(reason) })
  connections.add(connection, identity)
  const onAborted = isRequestLogged ? completionLog(request, reply) : undefined
  followResponse(connections, connection, reply.raw, request.log, onAborted)
  lifecycle.begin()
  connection.open()
}

function endLog (logger: FastifyBaseLogger, level: 'info' | 'debug'): (event: ConnectionEvent) => void {
  return (event) => { writeLog(logger, level, event, 'comet connection ended') }
}

function createConnection (
  parts: ConnectParts, transport: Transport, admitted: AdmittedRequest, lease: Lease, lifecycle: ConnectionLifecycle
): Connection {
  const { bus, options: settings, connections: { counters } } = parts
  const { request, reply, query, origin, question } = admitted
  try {
    const subscription = subscribe(parts, transport, admitted, lease)
    const own: ConnectionParts = { bus, settings, counters, lifecycle, transport, request, reply, lease, subscription }
    if (transport.policy.endsAfterFlush) return new Poll(own, transport.policy.announcesOpen(query))
    const stream = new Stream(own, transport.preamble({ retry: retryDelay(), origin }))
    if (transport.policy.isReauthorized && settings.authorizeInterval > 0) {
      const onDenied = (denied: string[]): void => { lifecycle.narrow(denied) }
      lease.onEnd(keepAuthorized(parts, { stream, request, question, onDenied }))
    }
    return stream
  } catch (error) {
    // Nothing has subscribed to the end yet: this only gives the seat back.
    lease.release('gone')
    throw error
  }
}

function subscribe (
  parts: ConnectParts, transport: Transport, admitted: AdmittedRequest, { seat }: Lease
): Subscription {
  const { bus, options: { heartbeatInterval, pollTimeout } } = parts
  const { query, question, permit } = admitted
  const { announcesOpen, maxJoinBytes } = transport.policy
  const subscription = new Subscription(bus, seat.channels, query, maxJoinBytes)
  const frames: ControlFrame[] = []
  if (announcesOpen(query)) {
    const { cursor, resumed } = subscription
    frames.push({ type: 'open', cursor, resumed, heartbeat: heartbeatInterval, poll: pollTimeout })
  }
  const denied = question.channels.filter((channel) => !permit.channels.includes(channel))
  if (denied.length > 0) frames.push({ type: 'denied', channels: denied })
  subscription.introduce(frames)
  return subscription
}

// Fastify logs a response that has finished, but never one whose client has left.
function completionLog (request: FastifyRequest, reply: FastifyReply): () => void {
  return () => { logCompleted(request, reply) }
}

// Its callbacks live as long as the connection, and callbacks of one function retain everything that any of them uses.
// They must not retain request and reply, unless these are logged at the end: they take as much memory as an idle
// stream.
function followResponse (
  connections: ConnectionRegistry, connection: Connection, raw: FastifyReply['raw'], logger: FastifyBaseLogger,
  onAborted: (() => void) | undefined
): void {
  raw.on('error', (error) => { writeLog(logger, 'debug', { err: error }, 'comet connection failed') })
  raw.on('close', () => {
    connection.closed()
    connections.remove(connection)
    if (!raw.writableFinished) onAborted?.()
  })
}
