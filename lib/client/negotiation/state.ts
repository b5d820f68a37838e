// The words of the negotiation: its state, and what can happen to it.

import type { TransportName } from '../../protocol/wire.ts'
import type { ConnectionFailure } from '../connection/failure.ts'
import type { CometError } from '../errors.ts'

/** What `comet.state` says. */
export type Phase = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

/** Why a connection is opened: to carry where nothing else does, because it is better, or for other channels. */
export type Purpose = 'carry' | 'upgrade' | 'change'

/** A connection that shall be: another object, another connection. In the other slot, it is still the same. */
export interface Line {
  readonly transport: TransportName
  readonly purpose: Purpose
}

/**
 * Of the carrier: a poll goes out beside it, it has had its time, all have had theirs, it is opened again, it has lasted.
 * Of the candidate: it has had its time, a better one is tried, it is time to see what is wanted next.
 */
export type TimerName = 'race' | 'deadline' | 'giveUp' | 'retry' | 'settled' | 'trial' | 'probe' | 'next'

/** In ms, a fixed part, and the ceiling of a random one. Another object, another timer. */
export type Timer = readonly [name: TimerName, after: number, spread?: number]

type ByTransport<T> = Partial<Record<TransportName, T>>

/** What shall be, and what is known. Who carries it out opens, closes and starts what differs from the state before. */
export interface Negotiation {
  /** Those that the application allows and the browser has, best first. */
  readonly transports: readonly TransportName[]
  /** ms */
  readonly timeout: number
  /** Whether to look for a better transport than the carrier. */
  readonly upgrade: boolean
  readonly phase: Phase
  /** The connection whose messages count. */
  readonly carrier: Line | null
  /** One that is opened beside the carrier, or before there is one. */
  readonly candidate: Line | null
  /** One timer for each slot. */
  readonly carrierTimer: Timer | null
  readonly candidateTimer: Timer | null
  /** What carries, or carried last. */
  readonly transport: TransportName | null
  /** The poll has been answered, but the stream beside it may still be heard. */
  readonly heard: boolean
  /** The carrier is silent for longer than it should be. */
  readonly suspect: boolean
  /** The carrier has delivered more than its opening. */
  readonly useful: boolean
  /** Reconnects in a row that came to nothing. */
  readonly attempt: number
  /** How many connections in a row delivered nothing, while another transport worked. */
  readonly strikes: Readonly<ByTransport<number>>
  /** ms to the next look for a better transport */
  readonly probeDelay: number
  /** What this step must tell: why it ended for good, or why the channels of the last change are refused. */
  readonly error: CometError | null
  /** Why this attempt comes to nothing, though there will be another one. Another object, another failure. */
  readonly failure: CometError | null
}

export type NegotiationEvent =
  /** `isCandidate`: not the carrier. `positioned`: it takes up from a cursor. */
  | { readonly type: 'opened', readonly isCandidate: boolean, readonly positioned: boolean }
  /** `elapsed`: ms since the connection was opened. */
  | { readonly type: 'frame', readonly isCandidate: boolean, readonly useful: boolean, readonly resumed: boolean, readonly elapsed: number }
  | { readonly type: 'end', readonly isCandidate: boolean, readonly end: ConnectionFailure }
  | { readonly type: 'timer', readonly name: TimerName }
  /** A step could not be carried out to its end. */
  | { readonly type: 'fault', readonly end: Pick<ConnectionFailure, 'error' | 'fatal'> }
  /** `silence`: no frame for longer than the heartbeat allows. `change`: other channels are wanted. */
  | { readonly type: 'silence' | 'change' }
  /** `wake`: the page or the network is back. `hide`: the page goes away, perhaps to come back. `idle`: nothing is subscribed any more. */
  | { readonly type: 'wake' | 'offline' | 'hide' | 'idle' | 'stop' }

/** This many connections that delivered nothing demote a transport. */
export const MAX_STRIKES = 3

/** ms: until the first look for a better transport, and the most between two */
export const FIRST_PROBE = 15_000
export const LAST_PROBE = 600_000
