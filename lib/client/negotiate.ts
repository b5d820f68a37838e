// Which transport carries, which is tried, when, and what becomes of it. Pure: the same state and event give the same
// state and actions, and nothing else happens here.

import type { TransportName } from '../protocol.ts'
import { ceiling } from './backoff.ts'
import { adopt, amend, betterOnes, closeAll, closeCandidate, connect, createStep, demote, failProbe, forgive, isStream, mayPoll, nothingWorks, openCandidate, pick, ready, scheduleProbe, settle, strike, timer, wait, without, type Step } from './negotiation-steps.ts'
import { FIRST_PROBE, GIVE_UP, MAX_STRIKES, MIN_DEADLINE, RACE_DELAY, type Action, type Candidate, type Negotiation, type NegotiationEvent, type TimerName } from './negotiation.ts'
import type { End } from './transports/transport.ts'

type Happened<T extends NegotiationEvent['type']> = Extract<NegotiationEvent, { type: T }>

/** What follows from an event. */
export function negotiate (state: Negotiation, event: NegotiationEvent): readonly [Negotiation, readonly Action[]] {
  const step = createStep(state)
  if (state.phase !== 'closed') (ON[event.type] as (step: Step, event: NegotiationEvent) => void)(step, event)
  return [step.state, step.actions]
}

/** ms that a stream has for its first frame, once it is known how long an answer takes. */
export function deadlineFor (timeout: number, roundTrip: number): number {
  return Math.max(Math.min(MIN_DEADLINE, timeout), Math.min(timeout, 4 * roundTrip), 2 * roundTrip)
}

const ON: { [T in NegotiationEvent['type']]: (step: Step, event: Happened<T>) => void } = {
  start: function (step, event) {
    step.state.positioned = event.positioned
    step.state.transport = null
    step.state.attempt = 0
    connect(step)
  },
  opened: function (step, event) {
    if (event.slot === 'carrier') carrierOpened(step)
    else candidateOpened(step, step.state.candidate)
  },
  frame: function (step, event) {
    if (event.slot === 'carrier') carrierSpoke(step, event)
    else candidateSpoke(step, event)
  },
  end: function (step, event) {
    if (event.slot === 'carrier') carrierEnded(step, event.end, event.lived)
    else candidateEnded(step, event.end)
  },
  timer: function (step, event) {
    if (event.name !== 'change') TIMER[event.name](step)
  },
  silence: function (step) {
    const { state } = step
    const purpose = state.candidate && state.candidate.purpose
    if (state.phase !== 'open' || !state.carrier || purpose === 'check' || purpose === 'change') return
    // One that falls silent after its opening, time and again, is held up on the way.
    const tired = !state.useful && strike(step, state.carrier) >= MAX_STRIKES && mayPoll(state)
    openCandidate(step, tired ? 'long-poll' : state.carrier, 'check')
  },
  stale: function (step) {
    const { candidate, phase } = step.state
    closeCandidate(step)
    if (phase !== 'open') return
    if (candidate && candidate.purpose === 'change') timer(step, 'change', 0, ceiling(0))
    scheduleProbe(step)
  },
  change: function (step) {
    const { state } = step
    if (state.phase !== 'open' || !state.carrier || (state.candidate && state.candidate.purpose !== 'upgrade')) return
    openCandidate(step, state.carrier, 'change')
  },
  wake: function (step, event) {
    const { state } = step
    if (event.why !== 'offline') forgive(step)
    if (state.phase === 'waiting' && event.why !== 'offline') connect(step)
    if (state.phase !== 'open' || !state.carrier) return
    if (!state.candidate || state.candidate.purpose === 'upgrade') openCandidate(step, state.carrier, 'check')
    if (event.why !== 'offline') scheduleProbe(step)
  },
  hide: function (step) {
    if (step.state.phase === 'idle') return
    closeAll(step)
    step.state.phase = 'waiting'
  },
  idle: function (step) {
    closeAll(step)
    step.state.phase = 'idle'
    step.state.transport = null
  },
  stop: function (step) {
    closeAll(step)
    step.state.phase = 'closed'
    step.state.transport = null
  }
}

// The timer `change` is not here: whoever set the others going looks first whether a change is still wanted.
const TIMER: Record<Exclude<TimerName, 'change'>, (step: Step) => void> = {
  race: function (step) {
    if (step.state.phase === 'connecting' && step.state.carrier && !step.state.candidate) openCandidate(step, 'long-poll', 'race')
  },
  deadline: function (step) {
    const { state } = step
    const { candidate } = state
    if (state.phase !== 'connecting') return
    timer(step, 'giveup', GIVE_UP)
    if (!state.carrier || !isStream(state.carrier) || !state.plan.canAsk) return
    if (!candidate) return openCandidate(step, 'long-poll', 'diagnose')
    if (candidate.heard) return fallBack(step)
    amend(step, candidate, 'diagnose', false)
  },
  giveup: function (step) {
    if (step.state.phase === 'connecting') nothingWorks(step)
  },
  candidate: function (step) {
    const { state } = step
    const { candidate } = state
    if (!candidate) return
    if (candidate.purpose === 'upgrade') return failProbe(step, candidate)
    if (candidate.purpose !== 'change') return wait(step)
    // No room for a second stream (six connections an origin), or something holds streams back by now.
    if (isStream(candidate.transport) && mayPoll(state)) openCandidate(step, 'long-poll', 'change')
    else connect(step)
  },
  retry: function (step) {
    if (step.state.phase === 'waiting') connect(step)
  },
  probe: function (step) {
    const { state } = step
    const best = state.carrier && betterOnes(state)[0]
    if (state.phase !== 'open' || !best) return
    if (state.candidate) timer(step, 'probe', FIRST_PROBE)
    else openCandidate(step, best, 'upgrade')
  }
}

function carrierOpened (step: Step) {
  const { state } = step
  if (state.phase !== 'connecting' || !state.carrier) return
  if (isStream(state.carrier) && !state.positioned && mayPoll(state)) timer(step, 'race', RACE_DELAY)
  timer(step, 'deadline', state.plan.firstFrameTimeout)
}

function candidateOpened (step: Step, candidate: Candidate | null) {
  const { state } = step
  if (!candidate || candidate.purpose === 'race') return
  timer(step, 'candidate', isStream(candidate.transport) ? Math.max(state.plan.firstFrameTimeout, 2 * state.roundTrip) : GIVE_UP)
}

function carrierSpoke (step: Step, event: Happened<'frame'>) {
  const { state } = step
  const { candidate } = state
  if (state.phase === 'connecting') {
    // The loser of the race is closed, whatever it has: what it saw began elsewhere.
    closeCandidate(step)
    if (state.carrier === 'long-poll') state.roundTrip = event.elapsed
    ready(step, 'start')
  } else if (candidate && candidate.purpose === 'check') closeCandidate(step)
  if (!event.useful || state.useful) return
  state.useful = true
  state.attempt = 0
  state.strikes = without(state.strikes, state.carrier)
  if (state.carrier === state.plan.transports[0]) state.probeDelay = FIRST_PROBE
}

function candidateSpoke (step: Step, event: Happened<'frame'>) {
  const { state } = step
  const candidate = state.candidate as Candidate
  if (candidate.heard) return
  if (candidate.transport === 'long-poll') state.roundTrip = event.elapsed
  switch (candidate.purpose) {
    case 'race':
      amend(step, candidate, 'race', true)
      return timer(step, 'deadline', Math.max(0, deadlineFor(state.plan.firstFrameTimeout, event.elapsed) - event.waited))
    case 'diagnose':
      return mayPoll(state) ? fallBack(step) : alive(step)
    case 'check':
      return fallBack(step)
    case 'upgrade':
      // It would have to start with a gap that the carrier has not: another time.
      if (!event.resumed) return failProbe(step, candidate)
      state.demoted = without(state.demoted, candidate.transport)
      return adopt(step, 'upgrade')
    case 'change':
      if (event.resumed) return fallBack(step)
      closeCandidate(step)
      timer(step, 'change', 0, ceiling(0))
  }
}

/** The candidate takes over; where it is the lesser one, what it replaces has failed while it works. */
function fallBack (step: Step) {
  const { state } = step
  const candidate = state.candidate as Candidate
  const lesser = state.carrier !== null && candidate.transport !== state.carrier
  if (lesser) demote(step, state.carrier as TransportName)
  adopt(step, 'fallback')
}

/** The server answers, but polls may not carry: another stream, or the same one again, or patience. */
function alive (step: Step) {
  const { state } = step
  closeCandidate(step)
  const suspect = state.carrier || state.plan.transports[0] as TransportName
  demote(step, suspect)
  const next = pick(state)
  if (!state.demoted[next]) return connect(step)
  state.demoted = {}
  if (!state.carrier) wait(step)
}

function carrierEnded (step: Step, end: End, lived: number) {
  const { state } = step
  const transport = state.carrier as TransportName
  const { candidate } = state
  state.carrier = null
  if (end.kind !== 'network') return settle(step, end)
  if (state.phase === 'open') {
    if (!state.useful && strike(step, transport) >= MAX_STRIKES && isStream(transport) && mayPoll(state)) demote(step, transport)
    else if (lived >= SETTLED) state.attempt = 0
    return wait(step)
  }
  if (!isStream(transport) || !state.plan.canAsk) return nothingWorks(step)
  if (strike(step, transport) >= MAX_STRIKES) demote(step, transport)
  if (!candidate) openCandidate(step, 'long-poll', 'diagnose')
  else if (candidate.heard) fallBack(step)
  else amend(step, candidate, 'diagnose', false)
}

/** ms: a connection that lived that long was no flash in the pan. */
const SETTLED = 1000

function candidateEnded (step: Step, end: End) {
  const { state } = step
  const candidate = state.candidate as Candidate
  const { purpose } = candidate
  closeCandidate(step)
  if (purpose === 'upgrade') return failProbe(step, candidate)
  if (purpose === 'change') return changeFailed(step, end)
  // The stream may yet speak; at its deadline another poll is made.
  if (purpose === 'race' && end.kind === 'network') return
  if (end.kind === 'network') nothingWorks(step)
  else settle(step, end)
}

function changeFailed (step: Step, end: End) {
  if (end.fatal) step.actions.push({ do: 'reject', error: end.error })
  else if (end.retry === undefined) timer(step, 'change', 0, ceiling(0))
  else timer(step, 'change', end.retry)
  scheduleProbe(step)
}
