// Which transport carries, which is tried, when, and what becomes of it. Pure: the same state and event give the same
// state, and nothing else happens here.

import { ceiling } from '../connection/backoff.ts'
import { blockedError, type ConnectionFailure } from '../connection/failure.ts'
import type { CometError } from '../errors.ts'
import { adopt, connect, draft, failProbe, forgive, isStream, mayPoll, pick, rankOf, ready, rest, scheduleProbe, settle, strike, tryOut, wait, type Draft } from './steps.ts'
import { FIRST_PROBE, MAX_STRIKES, type Line, type Negotiation, type NegotiationEvent, type TimerName } from './state.ts'

type Happened<T extends NegotiationEvent['type']> = Extract<NegotiationEvent, { type: T }>

/** ms of silence after which a poll goes out beside the first stream */
const RACE_DELAY = 200
/** ms: the shortest deadline that a quick poll can lead to */
const MIN_DEADLINE = 500
/** ms after the deadline, when no other transport has answered either */
const GIVE_UP = 8000

/** What follows from an event. */
export function negotiate (before: Negotiation, event: NegotiationEvent): Negotiation {
  const after = draft(before)
  if (before.phase !== 'closed') (ON[event.type] as (state: Draft, event: NegotiationEvent) => void)(after, event)
  return after
}

/** ms that a stream has for its first frame, once it is known how long an answer takes. */
export function deadlineFor (timeout: number, roundTrip: number): number {
  return Math.max(Math.min(MIN_DEADLINE, timeout), Math.min(timeout, 4 * roundTrip), 2 * roundTrip)
}

const ON: { [T in NegotiationEvent['type']]: (state: Draft, event: Happened<T>) => void } = {
  opened: (state, { isCandidate, positioned }) => {
    const { timeout } = state
    const line = isCandidate ? state.candidate : state.carrier
    if (!line) return
    if (!isCandidate) {
      state.carrierTimer = isStream(line) && !positioned && mayPoll(state) ? ['race', Math.min(RACE_DELAY, timeout)] : ['deadline', timeout]
    } else if (state.phase === 'open') state.candidateTimer = ['trial', isStream(line) ? 2 * timeout : GIVE_UP]
  },
  frame: (state, event) => {
    const { carrier, candidate } = state
    if (!event.isCandidate) carrierSpoke(state, event, carrier as Line)
    else if (candidate && !state.heard) candidateSpoke(state, event, candidate)
  },
  end: (state, { isCandidate, end }) => {
    if (isCandidate) candidateFailed(state, end)
    else carrierEnded(state, end)
  },
  timer: (state, { name }) => { TIMER[name](state) },
  silence: (state) => {
    const { carrier } = state
    // One that falls silent after its opening, time and again, is held up on the way.
    if (carrier && !state.useful && !state.suspect && strike(state, carrier.transport)) connect(state)
    else check(state)
  },
  change: (state) => {
    if (state.phase === 'idle') connect(state)
    else if (isFree(state)) tryOut(state, (state.carrier as Line).transport, 'change')
  },
  wake: (state) => {
    forgive(state)
    if (state.phase === 'waiting') connect(state)
    else check(state)
  },
  offline: check,
  hide: (state) => {
    if (state.phase === 'idle') return
    rest(state, 'waiting')
    state.failure = null
  },
  fault: (state, { end }) => { settle(state, end) },
  idle: (state) => { leave(state, 'idle') },
  stop: (state) => { leave(state, 'closed') }
}

const TIMER: Record<TimerName, (state: Draft) => void> = {
  race: (state) => {
    tryOut(state, 'long-poll', 'carry')
    state.carrierTimer = ['deadline', state.timeout - RACE_DELAY]
  },
  deadline: late,
  giveUp: (state) => { settle(state, state.failure ? { error: state.failure } : {}) },
  retry: connect,
  settled: (state) => { state.attempt = 0 },
  trial: (state) => {
    const candidate = state.candidate as Line
    if (candidate.purpose !== 'change') candidateFailed(state, {})
    // No room for a second stream (six connections an origin), or something holds streams back by now.
    else if (isStream(candidate) && mayPoll(state)) tryOut(state, 'long-poll', 'change')
    else connect(state)
  },
  probe: (state) => { tryOut(state, state.transports[0] as Line['transport'], 'upgrade') },
  // Whoever set the others going looks then whether a change is wanted, which comes first.
  next: scheduleProbe
}

function leave (state: Draft, phase: 'idle' | 'closed'): void {
  rest(state, phase)
  state.transport = null
  state.failure = null
  state.attempt = 0
}

/** A candidate may be opened: an upgrade can be put off. */
function isFree ({ phase, candidate }: Draft): boolean {
  return phase === 'open' && (!candidate || candidate.purpose === 'upgrade')
}

/** Opens another connection, to see whether the silent carrier is dead. */
function check (state: Draft): void {
  if (!isFree(state)) return
  state.suspect = true
  tryOut(state, (state.carrier as Line).transport, 'carry')
}

/** What was to carry has had its time, or has failed: a poll takes its place, or finds out what is wrong. */
function late (state: Draft): void {
  state.suspect = true
  state.carrierTimer = ['giveUp', GIVE_UP]
  if (state.heard) answered(state, state.candidate as Line)
  else if (!state.candidate && !(state.carrier && !isStream(state.carrier))) tryOut(state, 'long-poll', 'carry')
}

/** The server is there, and the stream has had its time: the poll takes over, if it may. */
function answered (state: Draft, poll: Line): void {
  if (mayPoll(state)) return adopt(state, poll)
  // Another stream next time; what is silent may yet speak.
  state.strikes[pick(state)] = MAX_STRIKES
  state.candidate = null
  state.heard = false
  state.failure = blockedError()
  if (!state.carrier) wait(state)
}

function carrierSpoke (state: Draft, event: Happened<'frame'>, { transport }: Line): void {
  const { candidate } = state
  // The loser of a race is closed, whatever it has: what it saw began elsewhere.
  if (candidate && candidate.purpose === 'carry') {
    state.candidate = null
    // A change or a probe may have had to wait for it.
    state.candidateTimer = ['next', 0]
  }
  state.suspect = false
  if (state.phase === 'connecting') ready(state, state.carrier as Line)
  if (!event.useful) return
  state.useful = true
  state.attempt = 0
  delete state.strikes[transport]
  if (!rankOf(state, transport)) state.probeDelay = FIRST_PROBE
}

function candidateSpoke (state: Draft, event: Happened<'frame'>, candidate: Line): void {
  if (state.phase !== 'connecting') {
    // One that would start with a gap that the carrier has not comes another time.
    if (event.resumed || state.suspect) adopt(state, candidate)
    else candidateFailed(state, {})
  } else if (state.carrier && !state.suspect) {
    state.heard = true
    state.carrierTimer = ['deadline', deadlineFor(state.timeout, event.elapsed) - event.elapsed - RACE_DELAY]
  } else answered(state, candidate)
}

function carrierEnded (state: Draft, end: ConnectionFailure): void {
  const { transport } = state.carrier as Line
  const isPoll = transport === 'long-poll'
  state.carrier = null
  if (end.fromServer) settle(state, end)
  else if (state.phase !== 'open') {
    if (isPoll) settle(state, end)
    else late(state)
  } else {
    if (!state.useful && !isPoll) strike(state, transport)
    state.failure = end.error
    wait(state)
  }
}

/** The candidate has ended, took too long, or is of no use. */
function candidateFailed (state: Draft, end: Partial<ConnectionFailure>): void {
  const { carrier, phase, suspect } = state
  const candidate = state.candidate as Line
  state.candidate = null
  state.heard = false
  if (candidate.purpose === 'carry') {
    // The stream may yet speak; at its deadline another poll is made.
    if (phase === 'open' || suspect || !carrier || end.fromServer) settle(state, end)
  } else if (candidate.purpose === 'upgrade') {
    failProbe(state, candidate)
    // The others would fail in the same way.
    if (end.error && end.error.code === 'COMET_ERR_CREDENTIALS') state.failure = end.error
  } else changeFailed(state, end)
}

/** Other channels are asked for again, unless the server refuses them. */
function changeFailed (state: Draft, { fatal, retry, error, isPlanned }: Partial<ConnectionFailure>): void {
  state.candidateTimer = ['next', retry || 0, fatal || retry ? 0 : ceiling(0)]
  if (fatal) state.error = error as CometError
  else if (error && !isPlanned) state.failure = error
}
