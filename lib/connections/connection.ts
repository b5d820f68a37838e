import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Receiver } from '../bus/audience.ts'
import type { Batch } from '../transports/batch.ts'
import type { Bus } from '../bus/bus.ts'
import { retryFor } from './retry.ts'
import type { ConnectionSettings } from './settings.ts'
import type { CloseFrame, CloseReason, HeartbeatFrame } from '../protocol/wire.ts'
import type { Seat } from '../bus/seat.ts'
import type { Subscription } from '../bus/subscription/subscription.ts'
import type { Transport } from '../transports/transport.ts'

/** Why a connection ended: the server's reason, a poll's answer, or the other side's leaving. */
export type EndReason = CloseReason | 'answered' | 'gone'

/** One response to one client, a stream or a held poll. It ends once. */
export interface Connection extends Receiver {
  readonly channels: string[]
  /** whether it waits for its socket */
  readonly lagging: boolean
  readonly ended: EndReason | undefined
  /** Starts it. */
  open (): void
  /** Ends it and tells the client why. */
  close (reason: CloseReason): void
  /** The response is gone. */
  closed (): void
  /** Whether the client has left. */
  isGone (): boolean
  /** Ends the response at once, whatever is unsent. */
  destroy (): void
  /** See `peerOf`. */
  peer (): string
  /** Ends it because its client has given it up for another one. */
  supersede (): void
  /** Does what is due, `now` in ms of the monotonic clock. */
  tick (now: number): void
}

/** What connections count; see `CometStats`. */
export interface Counters {
  delivered: number
  bytesSent: number
  gaps: number
}

/** What a connection is made of. */
export interface ConnectionParts {
  readonly context: ConnectionContext
  readonly transport: Transport
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly seat: Seat
  readonly subscription: Subscription
}

export interface ConnectionContext {
  readonly bus: Bus
  readonly settings: ConnectionSettings
  readonly counters: Counters
  /** told of gaps and, once, of the end */
  readonly membership: { gap (): void, end (reason: EndReason): void }
}

/** Counts a batch that went out, in so many bytes, and tells of the gaps in it. */
export function countSent ({ counters, membership }: ConnectionContext, { messages, gaps }: Batch, bytes: number): void {
  counters.delivered += messages
  counters.gaps += gaps
  counters.bytesSent += bytes
  if (gaps > 0) membership.gap()
}

export function closeFrame (reason: CloseReason): CloseFrame {
  const retry = retryFor(reason)
  return retry === undefined ? { type: 'close', reason } : { type: 'close', reason, retry }
}

/** Only for a subscriber that has been sent everything that the bus has handed out. */
export function heartbeatFrame (bus: Bus): HeartbeatFrame {
  return { type: 'heartbeat', cursor: bus.toCursor(bus.position), time: Date.now() }
}
