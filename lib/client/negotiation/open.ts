// What happens while the carrier delivers: it is checked when it is silent, and replaced by a better one or by one for
// other channels.

import { copy } from '../browser/dictionary.ts'
import { maxDelay } from '../connection/backoff.ts'
import type { ConnectionFailure } from '../connection/failure.ts'
import type { CometError } from '../errors.ts'
import {
  clearFailures, FIRST_PROBE, isDemoted, LAST_PROBE, mayPoll, rankOf, recordFailure, type Memory
} from './memory.ts'
import type { CandidateClock, EventOf, NegotiationState, Purpose, Slot, StateOf } from './state.ts'
import {
  createSlot, createState, createTimer, GIVE_UP, handleFailure, isStream, probeTimer, promote, scheduleRetry,
  startConnecting
} from './steps.ts'

type Open = StateOf<'open'>

/** The candidate's request is sent: its time begins. */
export function onCandidateOpened (memory: Memory, state: Open): Open {
  const { candidate } = state
  if (!candidate) return state
  const time = isStream(candidate) ? 2 * memory.timeout : GIVE_UP
  return withCandidate(state, candidate, createTimer(memory, 'trial', time))
}

/** The candidate is ready to take over. */
export function onCandidateFrame (memory: Memory, state: Open, { isResumed }: EventOf<'frame'>): NegotiationState {
  const { carrier, candidate } = state
  // A successor that starts with a gap, which the carrier does not have, is not taken; unless the carrier may be dead.
  const mayTakeOver = isResumed || isChecked(state)
  return candidate && mayTakeOver ? promote(memory, carrier, candidate) : failCandidate(memory, state, {})
}

/** The candidate has ended. */
export function onCandidateEnd (memory: Memory, state: Open, { end }: EventOf<'end'>): NegotiationState {
  return failCandidate(memory, state, end)
}

/** The carrier is alive, so it needs no check; and what it delivers clears the failures of its transport. */
export function onCarrierFrame (memory: Memory, state: Open, { isUseful }: EventOf<'frame'>): Open {
  // The check is closed, whatever it has brought: that began elsewhere. A change or a probe may have had to wait for
  // it.
  const alive = isChecked(state) ? withCandidate(state, undefined, createTimer(memory, 'next', 0)) : state
  if (!isUseful) return alive
  const { carrier, carrierTimer, candidate, candidateTimer } = alive
  const { transport } = carrier
  const delivering = copy(carrier)
  delivering.hasDelivered = true
  memory.attempt = 0
  delete memory.strikes[transport]
  if (!rankOf(memory, transport)) memory.probeDelay = FIRST_PROBE
  return createState('open', delivering, carrierTimer, candidate, candidateTimer)
}

/**
 * Whether frames of the carrier no longer change anything: it has delivered, so `onCarrierFrame` has done all that it
 * does, and no candidate is open that it could end. (After a `wake` the next probe stays due immediately.)
 */
export function isSteady (state: NegotiationState): boolean {
  return state.kind === 'open' && !!state.carrier.hasDelivered && !state.candidate
}

/** The carrier has broken, or the server has refused or closed it: connects again later or, if that is fatal, never. */
export function onOpenEnd (memory: Memory, { carrier }: Open, { end }: EventOf<'end'>): NegotiationState {
  if (end.fromServer) return handleFailure(memory, end)
  if (!carrier.hasDelivered && isStream(carrier)) recordFailure(memory, carrier.transport)
  memory.failure = end.error
  return scheduleRetry(memory)
}

/** The connection has lasted, so the next failure is a first one. */
export function onStable (memory: Memory, state: Open): Open {
  memory.attempt = 0
  return state
}

/** The candidate is late. */
export function onTrial (memory: Memory, state: Open): NegotiationState {
  const { candidate } = state
  if (!candidate || candidate.purpose !== 'change') return failCandidate(memory, state, {})
  // There is no room for a second stream (six connections for each origin), or something holds streams back now.
  if (isStream(candidate) && mayPoll(memory)) return openCandidate(memory, state, 'long-poll', 'change')
  return startConnecting(memory)
}

/** A better transport is tried, the best first. */
export function onProbe (memory: Memory, state: Open): Open {
  return openCandidate(memory, state, memory.transports[0] as Slot['transport'], 'upgrade')
}

/**
 * The carrier is checked. If carriers fall silent after their opening, time and again, something on the way holds them
 * up.
 */
export function onSilence (memory: Memory, state: Open): NegotiationState {
  const { transport, hasDelivered } = state.carrier
  if (!hasDelivered && !isChecked(state)) {
    recordFailure(memory, transport)
    if (isDemoted(memory, transport)) return startConnecting(memory)
  }
  return checkCarrier(memory, state)
}

/** Opens another connection, to see whether the carrier is dead. */
export function checkCarrier (memory: Memory, state: Open): Open {
  return isFree(state) ? openCandidate(memory, state, state.carrier.transport, 'check') : state
}

/** Everything may be different now: the carrier is checked, and the next probe is due immediately. */
export function onOpenWake (memory: Memory, state: Open): Open {
  clearFailures(memory)
  return checkCarrier(memory, state)
}

/** A second connection asks for the other channels. */
export function onChange (memory: Memory, state: Open): Open {
  return isFree(state) ? openCandidate(memory, state, state.carrier.transport, 'change') : state
}

/** Whether a candidate may be opened. An upgrade can be put off. */
function isFree ({ candidate }: Open): boolean {
  return !candidate || candidate.purpose === 'upgrade'
}

/** Whether the carrier has fallen silent, and a candidate finds out why. */
function isChecked ({ candidate }: Open): boolean {
  return !!candidate && candidate.purpose === 'check'
}

/** The candidate has ended, took too long, or is of no use. */
function failCandidate (memory: Memory, state: Open, end: Partial<ConnectionFailure>): NegotiationState {
  const { candidate } = state
  if (!candidate) return state
  if (candidate.purpose === 'change') return failChange(memory, state, end)
  // The carrier is silent, and the server cannot be reached.
  if (candidate.purpose !== 'upgrade') return handleFailure(memory, end)
  // Other transports would fail in the same way.
  if (end.error && end.error.code === 'COMET_ERR_CREDENTIALS') memory.failure = end.error
  return failProbe(memory, state, candidate)
}

/** The next better transport is tried or, if there is none, all of them later. */
function failProbe (memory: Memory, state: Open, { transport }: Slot): Open {
  const next = memory.transports[rankOf(memory, transport) + 1]
  recordFailure(memory, transport)
  if (next && next !== memory.transport) return openCandidate(memory, state, next, 'upgrade')
  memory.probeDelay = Math.min(LAST_PROBE, Math.max(FIRST_PROBE, 2 * memory.probeDelay))
  return scheduleProbe(memory, state)
}

/** Other channels are asked for again, unless the server refuses them. */
function failChange (memory: Memory, state: Open, end: Partial<ConnectionFailure>): Open {
  const { fatal, retry, error, isPlanned } = end
  if (fatal) memory.error = error as CometError
  else if (error && !isPlanned) memory.failure = error
  return withCandidate(state, undefined, createTimer(memory, 'next', retry || 0, fatal || retry ? 0 : maxDelay(0)))
}

/** No candidate is open: a better transport is tried later, if there is one. */
export function scheduleProbe (memory: Memory, state: Open): Open {
  return withCandidate(state, undefined, probeTimer(memory, state.carrier))
}

function openCandidate (memory: Memory, state: Open, transport: Slot['transport'], purpose: Purpose): Open {
  return withCandidate(state, createSlot(memory, transport, purpose))
}

function withCandidate (
  { carrier, carrierTimer }: Open, candidate?: Slot, candidateTimer?: CandidateClock
): Open {
  return createState('open', carrier, carrierTimer, candidate, candidateTimer)
}
