// The words of the negotiation: its state, what can happen to it, and what it asks to be done.

import type { TransportName } from '../protocol.ts'
import type { CometError } from './errors.ts'
import type { End } from './transports/transport.ts'

/** What `comet.state` says. */
export type Phase = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

/** The carrier is the connection whose messages count; a candidate is opened beside it, or before there is one. */
export type Slot = 'carrier' | 'candidate'

/** Why a connection is opened: to carry where nothing else does, because it is better, or for other channels. */
export type Purpose = 'carry' | 'upgrade' | 'change'

/** Why the transport changed, as told by the event `transport`. */
export type Reason = 'start' | 'upgrade' | 'fallback'

/** ms: a fixed part, and the ceiling of a random one. */
export type Timer = readonly [after: number, spread: number]

export type TimerName = 'race' | 'deadline' | 'trial' | 'retry' | 'probe' | 'change'

/** A connection that shall be: another object, another connection. */
export interface Line {
  readonly transport: TransportName
  readonly purpose: Purpose
}

type ByTransport<T> = Readonly<Partial<Record<TransportName, T>>>

export interface Negotiation {
  /** Those that the application allows and the browser has, best first. */
  readonly transports: readonly TransportName[]
  /** ms */
  readonly timeout: number
  /** Whether to look for a better transport than the carrier. */
  readonly upgrade: boolean
  readonly phase: Phase
  readonly carrier: Line | null
  readonly candidate: Line | null
  readonly timers: { readonly [name in TimerName]?: Timer }
  /** What carries, or carried last. */
  readonly transport: TransportName | null
  /** The poll has been answered, but the stream beside it may still be heard. */
  readonly heard: boolean
  /** The carrier is silent for longer than it should be. */
  readonly suspect: boolean
  /** The carrier has delivered more than its opening. */
  readonly useful: boolean
  /** The position is known: a connection opened now takes up from it. */
  readonly positioned: boolean
  /** Reconnects in a row that came to nothing. */
  readonly attempt: number
  /** ms between a poll and its answer, 0: unknown */
  readonly roundTrip: number
  /** How many connections in a row delivered nothing. */
  readonly strikes: ByTransport<number>
  /** Those that failed while another one worked. */
  readonly demoted: ByTransport<boolean>
  /** ms to the next look for a better transport */
  readonly probeDelay: number
  /** What ended it for good. */
  readonly failure: CometError | null
  /** What the server said to the last change of channels, and would say again. */
  readonly rejection: CometError | null
}

export type NegotiationEvent =
  /** `positioned`: a cursor is known. */
  | { readonly type: 'start', readonly positioned: boolean }
  | { readonly type: 'opened', readonly slot: Slot }
  /** `elapsed`: ms since the connection was opened; `waited`: since the carrier was. */
  | { readonly type: 'frame', readonly slot: Slot, readonly useful: boolean, readonly resumed: boolean, readonly elapsed: number, readonly waited: number }
  /** `lived`: ms since its first frame */
  | { readonly type: 'end', readonly slot: Slot, readonly end: End, readonly lived: number }
  | { readonly type: 'timer', readonly name: TimerName }
  /** `silence`: no frame for longer than the heartbeat allows. `stale`: what the candidate asked for is out of date. `change`: other channels are wanted. */
  | { readonly type: 'silence' | 'stale' | 'change' }
  /** `wake`: the page or the network is back. `hide`: the page goes away, perhaps to come back. `idle`: nothing is subscribed any more. */
  | { readonly type: 'wake' | 'offline' | 'hide' | 'idle' | 'stop' }

export type Action =
  | { readonly do: 'open', readonly slot: Slot, readonly transport: TransportName }
  | { readonly do: 'close', readonly slot: Slot }
  /** The candidate becomes the carrier. */
  | { readonly do: 'adopt' }
  /** Null: it is cancelled. */
  | { readonly do: 'timer', readonly name: TimerName, readonly timer: Timer | null }
  | { readonly do: 'announce', readonly from: TransportName | null, readonly to: TransportName, readonly reason: Reason }
  /** The channels of the last change are refused. */
  | { readonly do: 'reject', readonly error: CometError }
  | { readonly do: 'fail', readonly error: CometError }

/** ms: until the first look for a better transport, and the most between two */
export const FIRST_PROBE = 15_000
export const LAST_PROBE = 600_000

/** `remembered`: what worked lately. Better ones are tried later. */
export function createNegotiation (transports: readonly TransportName[], timeout: number, upgrade: boolean, remembered?: TransportName): Negotiation {
  const demoted: Partial<Record<TransportName, boolean>> = {}
  transports.forEach((name, rank) => { demoted[name] = rank < transports.indexOf(remembered as TransportName) })
  return {
    transports,
    timeout,
    upgrade,
    phase: 'idle',
    carrier: null,
    candidate: null,
    timers: {},
    transport: null,
    heard: false,
    suspect: false,
    useful: false,
    positioned: false,
    attempt: 0,
    roundTrip: 0,
    strikes: {},
    demoted,
    probeDelay: FIRST_PROBE,
    failure: null,
    rejection: null
  }
}
