// The moves that the negotiation is made of. Each changes the step's own copy of the state and notes what is to be done.

import type { TransportName } from '../protocol.ts'
import { ceiling } from './backoff.ts'
import { FIRST_PROBE, LAST_PROBE, MAX_STRIKES, type Action, type Candidate, type Negotiation, type Purpose, type Reason, type Slot, type TimerName } from './negotiation.ts'
import type { End } from './transports/transport.ts'

type Mutable<T> = { -readonly [K in keyof T]: T[K] }

export interface Step {
  readonly state: Mutable<Negotiation>
  readonly actions: Action[]
}

/** A step that starts from a copy: the state given stays as it was. */
export function createStep (state: Negotiation): Step {
  return { state: copy(state), actions: [] }
}

export function isStream (transport: TransportName): boolean {
  return transport !== 'long-poll'
}

/** Whether polls may carry messages, not only diagnose. */
export function mayPoll (state: Negotiation): boolean {
  return state.plan.canAsk && state.plan.transports.indexOf('long-poll') >= 0
}

/** The best transport that is not demoted; the last one where all are. */
export function pick (state: Negotiation): TransportName {
  const { transports } = state.plan
  for (let i = 0; i < transports.length; i++) {
    const name = transports[i] as TransportName
    if (!state.demoted[name]) return name
  }
  return transports[transports.length - 1] as TransportName
}

export function timer (step: Step, name: TimerName, after: number, spread = 0) {
  step.actions.push({ do: 'timer', name, after, spread })
}

export function cancel (step: Step, ...names: TimerName[]) {
  names.forEach(function (name) { step.actions.push({ do: 'cancel', name }) })
}

function open (step: Step, slot: Slot, transport: TransportName) {
  step.actions.push({ do: 'open', slot, transport })
}

export function openCandidate (step: Step, transport: TransportName, purpose: Purpose) {
  closeCandidate(step)
  step.state.candidate = { transport, purpose, heard: false }
  open(step, 'candidate', transport)
}

export function amend (step: Step, candidate: Candidate, purpose: Purpose, heard: boolean) {
  step.state.candidate = { transport: candidate.transport, purpose, heard }
}

export function closeCandidate (step: Step) {
  if (!step.state.candidate) return
  step.state.candidate = null
  cancel(step, 'candidate')
  step.actions.push({ do: 'close', slot: 'candidate' })
}

export function closeCarrier (step: Step) {
  if (!step.state.carrier) return
  step.state.carrier = null
  step.actions.push({ do: 'close', slot: 'carrier' })
}

/** Nothing is open any more, and no timer runs. */
export function closeAll (step: Step) {
  closeCandidate(step)
  closeCarrier(step)
  cancel(step, 'race', 'deadline', 'giveup', 'retry', 'probe', 'change')
}

/** Opens what shall carry, after closing whatever is open. */
export function connect (step: Step) {
  closeAll(step)
  const { state } = step
  state.phase = 'connecting'
  state.useful = false
  state.carrier = pick(state)
  open(step, 'carrier', state.carrier)
}

/** Closes all and comes back after a while: by default after the backoff, which lengthens each time. */
export function wait (step: Step, after = 0, spread = ceiling(step.state.attempt++)) {
  closeAll(step)
  step.state.phase = 'waiting'
  timer(step, 'retry', after, spread)
}

/** What a connection's end leads to when nothing else is open: staying away for good, or for a while. */
export function settle (step: Step, end: End) {
  if (end.fatal) fail(step, end)
  else if (end.kind === 'close') wait(step, end.retry, 0)
  // All that were sent away may have been told the same delay: they must not come back at the same moment.
  else wait(step, end.retry)
}

/** Not even a poll came through. Where that goes on, no transport is worse than the others. */
export function nothingWorks (step: Step) {
  step.state.strikes = {}
  if (step.state.attempt >= MAX_STRIKES) step.state.demoted = {}
  wait(step)
}

function fail (step: Step, end: End) {
  closeAll(step)
  step.state.phase = 'closed'
  step.actions.push({ do: 'fail', error: end.error })
}

/** The carrier has spoken. */
export function ready (step: Step, reason: Reason) {
  const { state } = step
  const to = state.carrier as TransportName
  cancel(step, 'race', 'deadline', 'giveup')
  state.phase = 'open'
  state.positioned = true
  if (state.transport !== to) announce(step, to, reason)
  step.actions.push({ do: 'remember', transport: pick(state) })
  scheduleProbe(step)
}

function announce (step: Step, to: TransportName, reason: Reason) {
  const { state } = step
  const rank = state.plan.transports
  const from = state.transport
  const movement = from === null ? reason : rank.indexOf(to) < rank.indexOf(from) ? 'upgrade' : 'fallback'
  step.actions.push({ do: 'announce', from, to, reason: movement })
  state.transport = to
}

/** The candidate takes over from the carrier. */
export function adopt (step: Step, reason: Reason) {
  const { state } = step
  state.carrier = (state.candidate as Candidate).transport
  state.candidate = null
  state.useful = false
  cancel(step, 'candidate')
  step.actions.push({ do: 'adopt' })
  ready(step, reason)
}

export function demote (step: Step, transport: TransportName) {
  const demoted = copy(step.state.demoted)
  demoted[transport] = true
  step.state.demoted = demoted
}

/** Notes a connection that delivered nothing. */
export function strike (step: Step, transport: TransportName): number {
  const strikes = copy(step.state.strikes)
  const count = strikes[transport] = (strikes[transport] || 0) + 1
  step.state.strikes = strikes
  return count
}

/** Those that would be better than the carrier, best first. */
export function betterOnes (state: Negotiation): readonly TransportName[] {
  return state.plan.transports.slice(0, state.plan.transports.indexOf(state.carrier as TransportName))
}

export function scheduleProbe (step: Step) {
  const { state } = step
  if (!state.plan.upgrade || betterOnes(state).length === 0) return cancel(step, 'probe')
  const best = pick(state)
  // One that merely failed is tried again soon, one that was demoted ever more rarely.
  if (betterOnes(state).indexOf(best) >= 0) timer(step, 'probe', 0, ceiling(state.strikes[best] || 0))
  else timer(step, 'probe', state.probeDelay)
}

/** The attempt at an upgrade came to nothing: the next better one, or another time. */
export function failProbe (step: Step, candidate: Candidate) {
  const { state } = step
  closeCandidate(step)
  const better = betterOnes(state)
  const next = better[better.indexOf(candidate.transport) + 1]
  const wasDemoted = state.demoted[candidate.transport]
  if (!wasDemoted && strike(step, candidate.transport) >= MAX_STRIKES) demote(step, candidate.transport)
  if (next) return openCandidate(step, next, 'upgrade')
  if (wasDemoted) state.probeDelay = Math.min(LAST_PROBE, state.probeDelay * 2)
  scheduleProbe(step)
}

/** Everything is new: forget who failed, and look for the best one soon. */
export function forgive (step: Step) {
  step.state.demoted = {}
  step.state.strikes = {}
  step.state.probeDelay = FIRST_PROBE
}

function copy<T extends object> (from: T): Mutable<T> {
  const to = {} as Mutable<T>
  ;(Object.keys(from) as (keyof T)[]).forEach(function (key) { to[key] = from[key] })
  return to
}

/** All but the one named. */
export function without<V> (from: Readonly<Partial<Record<TransportName, V>>>, name: TransportName | null): Partial<Record<TransportName, V>> {
  const rest = copy(from)
  if (name) delete rest[name]
  return rest
}
