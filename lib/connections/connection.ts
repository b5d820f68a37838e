import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Receiver } from '../bus/audience.ts'
import type { Batch } from '../transports/batch.ts'
import type { Bus } from '../bus/bus.ts'
import type { EndReason, Lease } from './lease.ts'
import { retryFor } from './retry.ts'
import type { ConnectionSettings } from './settings.ts'
import type { CloseFrame, CloseReason, HeartbeatFrame } from '../protocol/wire.ts'
import type { Subscription } from '../bus/subscription/subscription.ts'
import type { Transport } from '../transports/transport.ts'

/** One response to one client, a stream or a poll. It ends once; its response may take longer to leave. */
export interface Connection extends Receiver {
  /** The names of its channels. */
  readonly channels: string[]
  /** Whether it waits for its socket. */
  readonly lagging: boolean
  /** Why it has ended; `undefined` until then. */
  readonly ended: EndReason | undefined
  /** Starts it, once hooks and observers have been called. */
  open (): void
  /** Ends it and sends the reason to the client. */
  close (reason: CloseReason): void
  /** Ends it because its client has given it up for another connection. */
  supersede (): void
  /** The response is closed, by whichever side. */
  closed (): void
  /** Whether the client has left. */
  isGone (): boolean
  /** Ends the response immediately, whatever is unsent. */
  destroy (): void
  /** The other side of its socket; see `peerOf`. */
  peer (): string
  /** Does what is due at `now`, in ms of the monotonic clock. */
  tick (now: number): void
}

/** The sums over all connections that `CometStats` shows. */
export interface Counters {
  delivered: number
  bytesSent: number
  gaps: number
}

/** What a connection is created with. */
export interface ConnectionParts {
  readonly bus: Bus
  readonly settings: ConnectionSettings
  readonly counters: Counters
  /** Notified of each batch with gaps. */
  readonly lifecycle: { gap (): void }
  readonly transport: Transport
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly lease: Lease
  readonly subscription: Subscription
}

/** Counts a batch that was sent as `bytes` bytes, and reports its gaps. */
export function countSent (parts: Pick<ConnectionParts, 'counters' | 'lifecycle'>, batch: Batch, bytes: number): void {
  const { counters, lifecycle } = parts
  counters.delivered += batch.messages
  counters.gaps += batch.gaps
  counters.bytesSent += bytes
  if (batch.gaps > 0) lifecycle.gap()
}

/** The frame that ends a connection, with the time after which the client may reconnect. */
export function closeFrame (reason: CloseReason): CloseFrame {
  const retry = retryFor(reason)
  return retry === undefined ? { type: 'close', reason } : { type: 'close', reason, retry }
}

/**
 * A heartbeat, for a subscriber that has been sent everything that the bus has flushed: it moves the client's cursor.
 */
export function heartbeatFrame (bus: Bus): HeartbeatFrame {
  return { type: 'heartbeat', cursor: bus.toCursor(bus.position), time: Date.now() }
}
