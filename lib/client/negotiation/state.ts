// The words of the negotiation: its states, and the events that move it from one to the next.
//
//             change              the carrier speaks              silence, wake, offline: a candidate to 'check'
//     idle ──────────► racing ──────────────────────► open ◄───►  probe:   a candidate to 'upgrade'
//                      ▲ │ │                          ▲ ▲ ▲       change:  a candidate to 'change'
//                      │ │ │ the poll is answered     │ │ │
//                      │ │ └────────► answered ───────┘ │ │ deadline: the poll carries
//         retry, wake  │ │ deadline                     │ │
//                      │ └──────────► overdue ──────────┘ │ the first to speak carries
//                      │ the carrier breaks               │
//                      │   └────────► diagnosing ─────────┘ the poll is answered
//     waiting ─────────┘
//
// From every state: a failure or `hide` leads to waiting, `idle` to idle, a fatal failure or `stop` to closed.
//
// Invariant: at most two connections are open, and messages are taken from the carrier alone. A state names all that is
// open and each timer that runs; what the next state does not name is closed or stopped.

import type { TransportName } from '../../protocol/wire.ts'
import type { ConnectionFailure } from '../connection/failure.ts'
import type { Memory } from './memory.ts'

/** What `comet.state` says. */
export type Phase = 'idle' | 'connecting' | 'open' | 'waiting' | 'closed'

/**
 * Why a connection is opened: to carry the messages, to check whether a silent carrier is dead, because its transport
 * is better than the carrier's, or to carry other channels.
 */
export type Purpose = 'carry' | 'check' | 'upgrade' | 'change'

/**
 * A planned connection. It keeps its number when it takes over from the carrier; another number is another connection.
 */
export interface Slot {
  readonly id: number
  readonly transport: TransportName
  readonly purpose: Purpose
}

/** The slot of a carrier that has spoken. */
export interface Carrier extends Slot {
  /** It has delivered more than its opening. */
  readonly hasDelivered?: true
}

/**
 * Of the carrier: send a poll beside it (`race`), it is late (`deadline`), all are late (`giveUp`), connect again
 * (`retry`), it has lasted (`stable`). Of the candidate: it is late (`trial`), try a better transport (`probe`), see
 * what is due (`next`).
 */
export type TimerName = 'race' | 'deadline' | 'giveUp' | 'retry' | 'stable' | 'trial' | 'probe' | 'next'

/** A timer that runs for `after` ms and a random time of up to `spread` ms. Another number is another timer. */
export interface Timer<N extends TimerName = TimerName> {
  readonly id: number
  readonly name: N
  readonly after: number
  readonly spread: number
}

/** What is open and which timers run, each by its role. */
interface State<K, Carries, CarrierTimer, Candidate, CandidateTimer> {
  readonly kind: K
  /** The connection whose messages are delivered. */
  readonly carrier: Carries
  readonly carrierTimer: CarrierTimer
  /** The connection that may take over, or take its place. */
  readonly candidate: Candidate
  readonly candidateTimer: CandidateTimer
}

/** What a carrier that connects is timed by. */
export type Clock = Timer<'race' | 'deadline'>
/** What the candidate, or the time until there is one, is timed by. */
export type CandidateClock = Timer<'trial' | 'probe' | 'next'>

/** The states of a negotiation. What a state cannot have is undefined. */
export type NegotiationState =
  /** Nothing is subscribed. */
  | State<'idle', undefined, undefined, undefined, undefined>
  /** The carrier connects, and its timer runs from its request on. A stream that takes long gets a poll beside it. */
  | State<'racing', Slot, Clock | undefined, Slot | undefined, undefined>
  /** The poll has been answered, so the server is there. Until the deadline the stream may still win. */
  | State<'answered', Slot, Clock | undefined, Slot, undefined>
  /**
   * The carrier is late, and the server has not answered. The first of the two to speak carries the messages. There is
   * no poll beside another poll, nor after one has shown that the server is there but that polls may not carry
   * messages.
   */
  | State<'overdue', Slot, Timer<'giveUp'>, Slot | undefined, undefined>
  /** The carrier has failed before it spoke. A poll takes its place, or finds out why. */
  | State<'diagnosing', undefined, Timer<'giveUp'>, Slot, undefined>
  /** The carrier has spoken. The other timer is `trial` with a candidate, `probe` or `next` without one. */
  | State<'open', Carrier, Timer<'stable'>, Slot | undefined, CandidateClock | undefined>
  /** The client connects again by itself: after `retry` or, if the page is hidden, when it returns. */
  | State<'waiting', undefined, Timer<'retry'> | undefined, undefined, undefined>
  /** The session has ended. */
  | State<'closed', undefined, undefined, undefined, undefined>

/** The state of one kind, such as `StateOf<'open'>`. */
export type StateOf<K extends NegotiationState['kind']> = Extract<NegotiationState, { kind: K }>

/** A state, and what outlives it. */
export interface Negotiation {
  readonly memory: Readonly<Memory>
  readonly state: NegotiationState
}

/** What can happen. `isCandidate`: to the candidate or the poll, and not to the carrier. */
export type NegotiationEvent =
  /** The first request is sent. `isPositioned`: it starts at a cursor. */
  | { readonly type: 'opened', readonly isCandidate: boolean, readonly isPositioned: boolean }
  /**
   * `isUseful`: it is more than the opening. `isResumed`: nothing is missing before it. `elapsed`: ms since the
   * request.
   */
  | {
    readonly type: 'frame'
    readonly isCandidate: boolean
    readonly isUseful: boolean
    readonly isResumed: boolean
    readonly elapsed: number
  }
  | { readonly type: 'end', readonly isCandidate: boolean, readonly end: ConnectionFailure }
  | { readonly type: 'timer', readonly name: TimerName }
  /** A step could not be carried out to its end. */
  | { readonly type: 'fault', readonly end: Pick<ConnectionFailure, 'error' | 'fatal'> }
  /** `silence`: no frame for longer than the heartbeat allows. `change`: other channels are wanted. */
  | { readonly type: 'silence' | 'change' }
  /**
   * `wake`: the page or the network is back. `hide`: the page is hidden and may return. `idle`: the last subscriber has
   * left.
   */
  | { readonly type: 'wake' | 'offline' | 'hide' | 'idle' | 'stop' }

/** The event of one type, such as `EventOf<'frame'>`. */
export type EventOf<T extends NegotiationEvent['type']> = Extract<NegotiationEvent, { type: T }>
