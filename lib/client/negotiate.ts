// Which transport carries, which is tried, when, and what becomes of it. Pure: the same state and event give the same
// state and actions, and nothing else happens here.

import { actionsBetween } from './actions.ts'
import { ceiling } from './backoff.ts'
import { adopt, connect, draft, failProbe, forgive, isStream, line, mayPoll, nothingWorks, pick, rankOf, ready, rest, scheduleProbe, settle, strike, wait, type Draft } from './moves.ts'
import { FIRST_PROBE, type Action, type Line, type Negotiation, type NegotiationEvent, type TimerName } from './negotiation.ts'
import type { End } from './transports/transport.ts'

type Happened<T extends NegotiationEvent['type']> = Extract<NegotiationEvent, { type: T }>

/** ms of silence after which a poll goes out beside the first stream */
const RACE_DELAY = 200
/** ms: the shortest deadline that a quick poll can lead to */
const MIN_DEADLINE = 500
/** ms after the deadline, when no other transport has answered either */
const GIVE_UP = 8000
/** ms: a connection that lived that long was no flash in the pan. */
const SETTLED = 1000

/** What follows from an event. */
export function negotiate (before: Negotiation, event: NegotiationEvent): readonly [Negotiation, readonly Action[]] {
  const after = draft(before)
  if (before.phase !== 'closed') (ON[event.type] as (state: Draft, event: NegotiationEvent) => void)(after, event)
  return [after, actionsBetween(before, after)]
}

/** ms that a stream has for its first frame, once it is known how long an answer takes. */
export function deadlineFor (timeout: number, roundTrip: number): number {
  return Math.max(Math.min(MIN_DEADLINE, timeout), Math.min(timeout, 4 * roundTrip), 2 * roundTrip)
}

const ON: { [T in NegotiationEvent['type']]: (state: Draft, event: Happened<T>) => void } = {
  start: (state, event) => {
    state.positioned = event.positioned
    state.attempt = 0
    connect(state)
  },
  opened: (state, event) => {
    const { carrier, candidate, timers, timeout } = state
    if (event.slot === 'candidate') {
      if (candidate && state.phase === 'open') timers.trial = [isStream(candidate) ? Math.max(timeout, 2 * state.roundTrip) : GIVE_UP, 0]
    } else if (carrier && state.phase === 'connecting') {
      if (isStream(carrier) && !state.positioned && mayPoll(state)) timers.race = [RACE_DELAY, 0]
      timers.deadline = [timeout, 0]
    }
  },
  frame: (state, event) => {
    const { carrier, candidate } = state
    if (event.slot === 'carrier') carrierSpoke(state, event, carrier as Line)
    else if (candidate && !state.heard) candidateSpoke(state, event, candidate)
  },
  end: (state, event) => {
    if (event.slot === 'carrier') carrierEnded(state, event)
    else candidateFailed(state, event.end)
  },
  timer: (state, event) => {
    delete state.timers[event.name]
    TIMER[event.name](state)
  },
  silence: (state) => {
    const { carrier } = state
    // One that falls silent after its opening, time and again, is held up on the way.
    check(state, !!carrier && !state.useful && !state.suspect && strike(state, carrier) && mayPoll(state))
  },
  stale: (state) => { if (state.candidate) candidateFailed(state) },
  change: (state) => {
    const { carrier } = state
    if (carrier && isFree(state)) state.candidate = line(carrier.transport, 'change')
  },
  wake: (state) => {
    forgive(state)
    if (state.phase === 'waiting') return connect(state)
    check(state, false)
    if (state.phase === 'open') scheduleProbe(state)
  },
  offline: (state) => { check(state, false) },
  hide: (state) => { if (state.phase !== 'idle') rest(state, 'waiting') },
  idle: (state) => {
    rest(state, 'idle')
    state.transport = null
  },
  stop: (state) => {
    rest(state, 'closed')
    state.transport = null
  }
}

const TIMER: Record<TimerName, (state: Draft) => void> = {
  race: ask,
  deadline: (state) => {
    if (state.suspect) return nothingWorks(state)
    state.suspect = true
    state.timers.deadline = [GIVE_UP, 0]
    ask(state)
  },
  trial: (state) => {
    const { candidate } = state
    if (!candidate) return
    if (candidate.purpose !== 'change') candidateFailed(state)
    // No room for a second stream (six connections an origin), or something holds streams back by now.
    else if (isStream(candidate) && mayPoll(state)) state.candidate = line('long-poll', 'change')
    else connect(state)
  },
  retry: connect,
  probe: (state) => {
    if (state.candidate) state.timers.probe = [FIRST_PROBE, 0]
    else state.candidate = line(state.transports[0] as Line['transport'], 'upgrade')
  },
  // Whoever set the others going looks first whether a change is still wanted.
  change: () => {}
}

/** A candidate may be opened: an upgrade can be put off. */
function isFree ({ phase, candidate }: Draft): boolean {
  return phase === 'open' && (!candidate || candidate.purpose === 'upgrade')
}

/** Opens another connection, to see whether the silent carrier is dead. */
function check (state: Draft, byPoll: boolean): void {
  const { carrier } = state
  if (!carrier || !isFree(state)) return
  state.suspect = true
  state.candidate = line(byPoll ? 'long-poll' : carrier.transport, 'carry')
}

/** Opens a poll beside a stream, or in its place, to find out what is wrong. */
function ask (state: Draft): void {
  if (state.carrier && !isStream(state.carrier)) return
  state.candidate = state.candidate || line('long-poll', 'carry')
  if (state.heard) answered(state, state.candidate)
}

/** The server is there, and the stream has had its time: the poll takes over, if it may. */
function answered (state: Draft, poll: Line): void {
  if (mayPoll(state)) return adopt(state, poll)
  state.candidate = null
  state.heard = false
  state.demoted[state.carrier ? state.carrier.transport : pick(state)] = true
  // Another stream, or patience with this one
  if (!state.demoted[pick(state)]) return connect(state)
  state.demoted = {}
  if (!state.carrier) wait(state)
}

function carrierSpoke (state: Draft, event: Happened<'frame'>, carrier: Line): void {
  const { candidate } = state
  // The loser of a race is closed, whatever it has: what it saw began elsewhere.
  if (candidate && candidate.purpose === 'carry') {
    state.candidate = null
    delete state.timers.trial
    // A change may have had to wait for it.
    state.timers.change = [0, 0]
  }
  state.suspect = false
  if (state.phase === 'connecting') {
    if (!isStream(carrier)) state.roundTrip = event.elapsed
    ready(state, carrier)
  }
  if (!event.useful) return
  state.useful = true
  state.attempt = 0
  delete state.strikes[carrier.transport]
  if (!rankOf(state, carrier)) state.probeDelay = FIRST_PROBE
}

function candidateSpoke (state: Draft, event: Happened<'frame'>, candidate: Line): void {
  if (!isStream(candidate)) state.roundTrip = event.elapsed
  if (state.phase !== 'connecting') {
    // One that would start with a gap that the carrier has not comes another time.
    if (event.resumed || state.suspect) adopt(state, candidate)
    else candidateFailed(state)
  } else if (state.carrier && !state.suspect) {
    state.heard = true
    state.timers.deadline = [Math.max(0, deadlineFor(state.timeout, event.elapsed) - event.waited), 0]
  } else answered(state, candidate)
}

function carrierEnded (state: Draft, { end, lived }: Happened<'end'>): void {
  const carrier = state.carrier as Line
  const { phase } = state
  state.carrier = null
  if (end.kind !== 'network') return settle(state, end)
  const isTired = !state.useful && isStream(carrier) && strike(state, carrier) && mayPoll(state)
  if (isTired) state.demoted[carrier.transport] = true
  if (phase === 'open') {
    if (lived >= SETTLED && !isTired) state.attempt = 0
    wait(state)
  } else if (isStream(carrier)) ask(state)
  else nothingWorks(state)
}

/** The candidate has ended, took too long, or is of no use. */
function candidateFailed (state: Draft, end?: End): void {
  const { carrier, phase, suspect } = state
  const candidate = state.candidate as Line
  state.candidate = null
  state.heard = false
  delete state.timers.trial
  if (candidate.purpose === 'carry') {
    // The stream may yet speak; at its deadline another poll is made.
    if (phase === 'connecting' && carrier && !suspect && end && end.kind === 'network') return
    return end ? settle(state, end) : nothingWorks(state)
  }
  if (candidate.purpose === 'upgrade') return failProbe(state, candidate)
  scheduleProbe(state)
  const retry = end && end.retry
  if (end && end.fatal) state.rejection = end.error
  else state.timers.change = [retry || 0, retry === undefined ? ceiling(0) : 0]
}
