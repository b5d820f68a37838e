// The words of the negotiation: its state, what can happen to it, and what it asks to be done.

import type { TransportName } from '../protocol.ts'
import type { CometError } from './errors.ts'
import type { End } from './transports/transport.ts'

/** What `comet.state` says. */
export type Phase = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

/** The carrier is the connection whose messages count; a candidate is opened beside it, or before there is one. */
export type Slot = 'carrier' | 'candidate'

/**
 * Why a candidate is opened.
 * `race`: a poll beside a stream that has not spoken yet; `diagnose`: a poll to find out what is wrong;
 * `check`: another connection, to see whether a silent one is dead; `upgrade`: a better transport; `change`: other channels.
 */
export type Purpose = 'race' | 'diagnose' | 'check' | 'upgrade' | 'change'

/** Why the transport changed, as told by the event `transport`. */
export type Reason = 'start' | 'upgrade' | 'fallback'

export type TimerName = 'race' | 'deadline' | 'giveup' | 'candidate' | 'retry' | 'probe' | 'change'

export type Wake = 'online' | 'offline' | 'show'

export interface Candidate {
  readonly transport: TransportName
  readonly purpose: Purpose
  /** It has delivered a frame. Only one in a race is not adopted at once. */
  readonly heard: boolean
}

/** What does not change while a client lives. */
export interface Plan {
  /** Those that the application allows and the browser has, best first. */
  readonly transports: readonly TransportName[]
  /** Whether a poll can be made, if only to find out a status. */
  readonly canAsk: boolean
  /** ms */
  readonly firstFrameTimeout: number
  readonly upgrade: boolean
}

export interface Negotiation {
  readonly plan: Plan
  readonly phase: Phase
  /** The carrier's transport, null where there is no carrier. */
  readonly carrier: TransportName | null
  readonly candidate: Candidate | null
  /** What carries, or carried last. */
  readonly transport: TransportName | null
  /** The carrier has delivered more than its opening. */
  readonly useful: boolean
  /** The position is known: a connection opened now takes up from it. */
  readonly positioned: boolean
  /** Reconnects in a row that came to nothing. */
  readonly attempt: number
  /** ms between a poll and its answer, 0: unknown */
  readonly roundTrip: number
  /** How many connections in a row delivered nothing, by transport. */
  readonly strikes: Readonly<Partial<Record<TransportName, number>>>
  /** Those that failed while another one worked. */
  readonly demoted: Readonly<Partial<Record<TransportName, true>>>
  /** ms to the next look for a better transport */
  readonly probeDelay: number
}

export type NegotiationEvent =
  | { readonly type: 'start', readonly positioned: boolean }
  | { readonly type: 'opened', readonly slot: Slot }
  /** `elapsed`: ms since the connection was opened; `waited`: since the carrier was. */
  | { readonly type: 'frame', readonly slot: Slot, readonly useful: boolean, readonly resumed: boolean, readonly elapsed: number, readonly waited: number }
  /** `lived`: ms since its first frame */
  | { readonly type: 'end', readonly slot: Slot, readonly end: End, readonly lived: number }
  | { readonly type: 'timer', readonly name: TimerName }
  /** No frame for longer than the heartbeat allows. */
  | { readonly type: 'silence' }
  /** The carrier has told a gap, or has let joining channels in: what a candidate asked for is out of date. */
  | { readonly type: 'stale' }
  /** Other channels are wanted than are carried. */
  | { readonly type: 'change' }
  | { readonly type: 'wake', readonly why: Wake }
  /** The page goes away, perhaps to come back. */
  | { readonly type: 'hide' }
  /** Nothing is subscribed any more. */
  | { readonly type: 'idle' }
  | { readonly type: 'stop' }

export type Action =
  | { readonly do: 'open', readonly slot: Slot, readonly transport: TransportName }
  | { readonly do: 'close', readonly slot: Slot }
  /** The candidate becomes the carrier, whose connection is closed. */
  | { readonly do: 'adopt' }
  /** ms: `after`, and a random part of `spread`. Setting a timer anew replaces it. */
  | { readonly do: 'timer', readonly name: TimerName, readonly after: number, readonly spread: number }
  | { readonly do: 'cancel', readonly name: TimerName }
  | { readonly do: 'announce', readonly from: TransportName | null, readonly to: TransportName, readonly reason: Reason }
  | { readonly do: 'remember', readonly transport: TransportName }
  /** The server refuses the channels that would have joined. */
  | { readonly do: 'reject', readonly error: CometError }
  | { readonly do: 'fail', readonly error: CometError }

/** ms: until the first look for a better transport, */
export const FIRST_PROBE = 15_000
/** and the most between two. */
export const LAST_PROBE = 600_000
/** ms of silence after which a poll goes out beside the first stream */
export const RACE_DELAY = 200
/** ms: the shortest deadline that a quick poll can lead to */
export const MIN_DEADLINE = 500
/** ms after the deadline, when no other transport has answered either */
export const GIVE_UP = 8000
/** This many connections that delivered nothing demote a transport. */
export const MAX_STRIKES = 3

export function createNegotiation (plan: Plan, remembered: TransportName | null): Negotiation {
  const demoted: Partial<Record<TransportName, true>> = {}
  const rank = remembered ? plan.transports.indexOf(remembered) : 0
  for (let i = 0; i < rank; i++) demoted[plan.transports[i] as TransportName] = true
  return {
    plan,
    phase: 'idle',
    carrier: null,
    candidate: null,
    transport: null,
    useful: false,
    positioned: false,
    attempt: 0,
    roundTrip: 0,
    strikes: {},
    demoted,
    probeDelay: FIRST_PROBE
  }
}
