// Which connection carries, which one is tried, when, and what becomes of it. Pure: the same state and event always
// lead to the same next state, and nothing else happens here.

import type { TransportName } from '../../protocol/wire.ts'
import {
  onAnsweredDeadline, onCarrierEnd, onDeadline, onDiagnosis, onFirstFrame, onGiveUp, onOpened, onOverduePoll, onPollEnd,
  onPollFrame, onRace
} from './connecting.ts'
import { clearFailures, copyMemory, createMemory, type Memory } from './memory.ts'
import {

  checkCarrier,
  onCandidateEnd,
  onCandidateFrame,
  onCandidateOpened,
  onCarrierFrame,
  onChange,
  onOpenEnd,
  onOpenWake,
  onProbe,

  onSilence,
  onStable,
  onTrial,
  scheduleProbe

} from './open.ts'
import type { EventOf, Negotiation, NegotiationEvent, NegotiationState, Phase, StateOf, TimerName } from './state.ts'
import { createState, handleFailure, startConnecting } from './steps.ts'

type OfConnection = 'opened' | 'frame' | 'end'
/**
 * A timer is an event under its own name, and what happens to the candidate (or the poll) is not what happens to the
 * carrier.
 */
type Key = Exclude<NegotiationEvent['type'], 'timer'> | TimerName | `candidate ${OfConnection}`
type EventFor<K extends Key> = K extends `candidate ${infer T extends OfConnection}`
  ? EventOf<T>
  : K extends NegotiationEvent['type'] ? EventOf<K> : EventOf<'timer'>
type Transition<S, E> = (memory: Memory, state: S, event: E) => NegotiationState
type Row<S> = { readonly [K in Key]?: Transition<S, EventFor<K>> }

/**
 * What each event leads to in each state. One that is not in the state's row is looked up in `ANYWHERE`, or changes
 * nothing.
 */
const TRANSITIONS: { readonly [K in NegotiationState['kind']]: Row<StateOf<K>> } = {
  idle: {
    change: startConnecting,
    hide: stay
  },
  racing: {
    opened: onOpened,
    frame: onFirstFrame,
    end: onCarrierEnd,
    'candidate frame': onPollFrame,
    'candidate end': onPollEnd,
    race: onRace,
    deadline: onDeadline
  },
  answered: {
    frame: onFirstFrame,
    end: onCarrierEnd,
    'candidate end': onPollEnd,
    deadline: onAnsweredDeadline
  },
  overdue: {
    frame: onFirstFrame,
    end: onCarrierEnd,
    'candidate frame': onOverduePoll,
    'candidate end': onFailure,
    giveUp: onGiveUp
  },
  diagnosing: {
    'candidate frame': onDiagnosis,
    'candidate end': onFailure,
    giveUp: onGiveUp
  },
  open: {
    frame: onCarrierFrame,
    end: onOpenEnd,
    'candidate opened': onCandidateOpened,
    'candidate frame': onCandidateFrame,
    'candidate end': onCandidateEnd,
    stable: onStable,
    trial: onTrial,
    probe: onProbe,
    // After this event, the session dispatches a change, if one is wanted.
    next: scheduleProbe,
    silence: onSilence,
    change: onChange,
    wake: onOpenWake,
    offline: checkCarrier
  },
  waiting: {
    retry: startConnecting,
    wake: (memory) => {
      clearFailures(memory)
      return startConnecting(memory)
    }
  },
  closed: {}
}

/** What events lead to in all states but `closed`. */
const ANYWHERE: Row<NegotiationState> = {
  wake: (memory, state) => {
    clearFailures(memory)
    return state
  },
  hide: (memory) => {
    memory.failure = null
    return createState('waiting')
  },
  fault: onFailure,
  idle: (memory) => leave(memory, 'idle'),
  stop: (memory) => leave(memory, 'closed')
}

/** A new negotiation. Transports better than `remembered`, which worked recently, are tried later. */
export function createNegotiation (
  transports: readonly TransportName[], timeout: number, upgrade: boolean, remembered?: TransportName
): Negotiation {
  return { memory: createMemory(transports, timeout, upgrade, remembered), state: createState('idle') }
}

/** What follows from an event. */
export function negotiate ({ memory: before, state }: Negotiation, event: NegotiationEvent): Negotiation {
  const memory = copyMemory(before)
  const key = keyOf(event)
  const transition = TRANSITIONS[state.kind][key] || (state.kind !== 'closed' && ANYWHERE[key]) || stay
  return { memory, state: (transition as Transition<NegotiationState, NegotiationEvent>)(memory, state, event) }
}

function keyOf (event: NegotiationEvent): Key {
  if (event.type === 'timer') return event.name
  return ('isCandidate' in event && event.isCandidate ? 'candidate ' + event.type : event.type) as Key
}

function onFailure (memory: Memory, _state: NegotiationState, { end }: EventOf<'end' | 'fault'>): NegotiationState {
  return handleFailure(memory, end)
}

function stay<S> (_memory: Memory, state: S): S {
  return state
}

function leave (memory: Memory, kind: 'idle' | 'closed'): NegotiationState {
  memory.transport = null
  memory.failure = null
  memory.attempt = 0
  return createState(kind)
}

/** What `comet.state` is in a state of the negotiation. */
export function phaseOf ({ kind }: NegotiationState): Phase {
  switch (kind) {
    case 'racing':
    case 'answered':
    case 'overdue':
    case 'diagnosing': return 'connecting'
    default: return kind
  }
}
