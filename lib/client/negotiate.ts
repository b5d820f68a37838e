// Which transport carries, which is tried, when, and what becomes of it. Pure: the same state and event give the same
// state and actions, and nothing else happens here.

import type { TransportName } from '../protocol.ts'
import { ceiling } from './backoff.ts'
import { adopt, connect, draft, failProbe, forgive, isStream, line, mayPoll, nothingWorks, pick, rankOf, ready, rest, scheduleProbe, settle, strike, wait, type Draft } from './moves.ts'
import { FIRST_PROBE, type Action, type Line, type Negotiation, type NegotiationEvent, type Reason, type Slot, type TimerName } from './negotiation.ts'

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
  after.rejection = null
  if (before.phase !== 'closed') (ON[event.type] as (state: Draft, event: NegotiationEvent) => void)(after, event)
  return [after, actionsBetween(before, after)]
}

/** ms that a stream has for its first frame, once it is known how long an answer takes. */
export function deadlineFor (timeout: number, roundTrip: number): number {
  return Math.max(Math.min(MIN_DEADLINE, timeout), Math.min(timeout, 4 * roundTrip), 2 * roundTrip)
}

const ON: { [T in NegotiationEvent['type']]: (state: Draft, event: Happened<T>) => void } = {
  start (state, event) {
    state.positioned = event.positioned
    state.attempt = 0
    connect(state)
  },
  opened (state, event) {
    const { carrier, candidate, plan, timers } = state
    if (event.slot === 'candidate') {
      if (candidate && state.phase === 'open') timers.trial = [isStream(candidate) ? Math.max(plan.firstFrameTimeout, 2 * state.roundTrip) : GIVE_UP, 0]
    } else if (carrier && state.phase === 'connecting') {
      if (isStream(carrier) && !state.positioned && mayPoll(state)) timers.race = [RACE_DELAY, 0]
      timers.deadline = [plan.firstFrameTimeout, 0]
    }
  },
  frame (state, event) {
    if (event.slot === 'candidate') candidateSpoke(state, event)
    else carrierSpoke(state, event)
  },
  end (state, event) {
    if (event.slot === 'candidate') candidateEnded(state, event)
    else carrierEnded(state, event)
  },
  timer (state, event) {
    delete state.timers[event.name]
    TIMER[event.name](state)
  },
  silence (state) {
    const { carrier, candidate } = state
    if (state.phase !== 'open' || !carrier || (candidate && candidate.purpose !== 'upgrade')) return
    // One that falls silent after its opening, time and again, is held up on the way.
    const isTired = !state.useful && strike(state, carrier) && mayPoll(state)
    state.candidate = line(isTired ? 'long-poll' : carrier.transport, 'check')
  },
  stale (state) {
    const { candidate } = state
    state.candidate = null
    delete state.timers.trial
    if (state.phase !== 'open') return
    if (candidate && candidate.purpose === 'change') state.timers.change = [0, ceiling(0)]
    scheduleProbe(state)
  },
  change (state) {
    const { carrier, candidate } = state
    if (state.phase === 'open' && carrier && (!candidate || candidate.purpose === 'upgrade')) state.candidate = line(carrier.transport, 'change')
  },
  wake (state) {
    forgive(state)
    if (state.phase === 'waiting') return connect(state)
    ON.offline(state, { type: 'offline' })
    if (state.phase === 'open') scheduleProbe(state)
  },
  offline (state) {
    const { carrier, candidate } = state
    if (state.phase === 'open' && carrier && (!candidate || candidate.purpose === 'upgrade')) state.candidate = line(carrier.transport, 'check')
  },
  hide (state) {
    if (state.phase !== 'idle') rest(state, 'waiting')
  },
  idle (state) {
    rest(state, 'idle')
    state.transport = null
  },
  stop (state) {
    rest(state, 'closed')
    state.transport = null
  }
}

const TIMER: Record<TimerName, (state: Draft) => void> = {
  race (state) {
    if (!state.candidate) state.candidate = line('long-poll', 'poll')
  },
  deadline (state) {
    state.late = true
    state.timers.giveup = [GIVE_UP, 0]
    ask(state)
  },
  giveup: nothingWorks,
  trial (state) {
    const candidate = state.candidate as Line
    if (candidate.purpose === 'upgrade') failProbe(state, candidate)
    else if (candidate.purpose === 'check') wait(state)
    // No room for a second stream (six connections an origin), or something holds streams back by now.
    else if (isStream(candidate) && mayPoll(state)) state.candidate = line('long-poll', 'change')
    else connect(state)
  },
  retry: connect,
  probe (state) {
    if (state.candidate) state.timers.probe = [FIRST_PROBE, 0]
    else state.candidate = line(state.plan.transports[0] as TransportName, 'upgrade')
  },
  // Whoever set the others going looks first whether a change is still wanted.
  change () {}
}

function carrierSpoke (state: Draft, event: Happened<'frame'>) {
  const { carrier, candidate } = state
  if (!carrier) return
  if (state.phase === 'connecting') {
    // The loser of the race is closed, whatever it has: what it saw began elsewhere.
    state.candidate = null
    if (!isStream(carrier)) state.roundTrip = event.elapsed
    delete state.demoted[carrier.transport]
    ready(state)
  } else if (candidate && candidate.purpose === 'check') {
    state.candidate = null
    delete state.timers.trial
  }
  if (!event.useful) return
  state.useful = true
  state.attempt = 0
  delete state.strikes[carrier.transport]
  if (!rankOf(state, carrier)) state.probeDelay = FIRST_PROBE
}

function candidateSpoke (state: Draft, event: Happened<'frame'>) {
  const candidate = state.candidate
  if (!candidate || state.heard) return
  if (!isStream(candidate)) state.roundTrip = event.elapsed
  if (state.phase === 'connecting') {
    state.heard = true
    if (!state.late) state.timers.deadline = [Math.max(0, deadlineFor(state.plan.firstFrameTimeout, event.elapsed) - event.waited), 0]
    judge(state)
  } else if (event.resumed || candidate.purpose === 'check') adopt(state)
  // It would start with a gap that the carrier has not: another time.
  else candidateFailed(state, candidate)
}

/** Lets the poll carry when the stream has had its time. */
function judge (state: Draft) {
  if (!state.heard || (state.carrier && !state.late)) return
  if (mayPoll(state)) adopt(state)
  else alive(state)
}

/** Finds out with a poll what is wrong with the stream. */
function ask (state: Draft) {
  if ((state.carrier && !isStream(state.carrier)) || !state.plan.canAsk) return
  if (!state.candidate) state.candidate = line('long-poll', 'poll')
  judge(state)
}

/** The server answers, but polls may not carry: another stream, or the same one again, or patience. */
function alive (state: Draft) {
  state.demoted[state.carrier ? state.carrier.transport : pick(state)] = true
  if (!state.demoted[pick(state)]) return connect(state)
  state.demoted = {}
  state.candidate = null
  state.heard = false
  if (!state.carrier) wait(state)
}

function carrierEnded (state: Draft, { end, lived }: Happened<'end'>) {
  const carrier = state.carrier as Line
  const wasOpen = state.phase === 'open'
  state.carrier = null
  if (end.kind !== 'network') return settle(state, end)
  const isTired = !state.useful && isStream(carrier) && strike(state, carrier) && mayPoll(state)
  if (isTired) state.demoted[carrier.transport] = true
  if (wasOpen) {
    if (lived >= SETTLED && !isTired) state.attempt = 0
    wait(state)
  } else if (!isStream(carrier) || !state.plan.canAsk) nothingWorks(state)
  else ask(state)
}

function candidateEnded (state: Draft, { end }: Happened<'end'>) {
  const candidate = state.candidate as Line
  const { purpose } = candidate
  state.candidate = null
  state.heard = false
  delete state.timers.trial
  if (purpose === 'upgrade' || purpose === 'change') {
    if (purpose === 'change' && end.fatal) state.rejection = end.error
    candidateFailed(state, candidate, end.retry)
  // The stream may yet speak; at its deadline another poll is made.
  } else if (!state.carrier || state.late || end.kind !== 'network' || purpose === 'check') settle(state, end)
}

/** An upgrade or a change came to nothing, while the carrier goes on. */
function candidateFailed (state: Draft, candidate: Line, retry?: number) {
  delete state.timers.trial
  if (candidate.purpose === 'upgrade') return failProbe(state, candidate)
  state.candidate = null
  scheduleProbe(state)
  if (!state.rejection) state.timers.change = [retry || 0, retry === undefined ? ceiling(0) : 0]
}

/** What is to be done to get from one state to the next. */
function actionsBetween (before: Negotiation, after: Negotiation): Action[] {
  const actions: Action[] = []
  const isAdopted = after.carrier !== null && after.carrier === before.candidate
  const replace = (slot: Slot, old: Line | null, now: Line | null) => {
    if (old === now) return
    if (old) actions.push({ do: 'close', slot })
    if (now) actions.push({ do: 'open', slot, transport: now.transport })
  }
  if (isAdopted) actions.push({ do: 'adopt' })
  else replace('carrier', before.carrier, after.carrier)
  replace('candidate', isAdopted ? null : before.candidate, after.candidate)
  TIMER_NAMES.forEach((name) => {
    const timer = after.timers[name] || null
    if (timer !== (before.timers[name] || null)) actions.push({ do: 'timer', name, timer })
  })
  const { transport, failure, rejection } = after
  if (transport && transport !== before.transport) actions.push({ do: 'announce', from: before.transport, to: transport, reason: reasonOf(before, after) })
  if (rejection) actions.push({ do: 'reject', error: rejection })
  if (failure) actions.push({ do: 'fail', error: failure })
  return actions
}

const TIMER_NAMES = Object.keys(TIMER) as TimerName[]

function reasonOf (before: Negotiation, after: Negotiation): Reason {
  const { transports } = after.plan
  const from = before.transport ? transports.indexOf(before.transport) : 0
  const to = transports.indexOf(after.transport as TransportName)
  return to > from ? 'fallback' : before.transport ? 'upgrade' : 'start'
}
