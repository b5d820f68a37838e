// The moves that the negotiation is made of. Each changes a state that is the step's own copy.

import type { TransportName } from '../protocol.ts'
import { ceiling } from './backoff.ts'
import { copy } from './dictionary.ts'
import { LAST_PROBE, FIRST_PROBE, type Line, type Negotiation, type Purpose } from './negotiation.ts'
import type { End } from './transports/transport.ts'

/** A state in the making. */
export type Draft = { -readonly [K in keyof Negotiation]: Negotiation[K] extends object | null ? Writable<Negotiation[K]> : Negotiation[K] }
type Writable<T> = T extends Line | null ? T : { -readonly [K in keyof T]: T[K] }

/** This many connections that delivered nothing demote a transport. */
export const MAX_STRIKES = 3

/** A copy that a step may change. */
export function draft (state: Negotiation): Draft {
  const own = copy(state) as Draft
  own.timers = copy(state.timers)
  own.strikes = copy(state.strikes)
  own.demoted = copy(state.demoted)
  return own
}

export function isStream (line: Line): boolean {
  return line.transport !== 'long-poll'
}

/** Whether polls may carry messages, not only diagnose. */
export function mayPoll (state: Negotiation): boolean {
  return state.plan.canAsk && state.plan.transports.indexOf('long-poll') >= 0
}

/** The best transport that is not demoted; the last one where all are. */
export function pick (state: Negotiation): TransportName {
  const { transports } = state.plan
  return transports.filter((name) => !state.demoted[name])[0] || transports[transports.length - 1] as TransportName
}

/** How far down the order of preference. */
export function rankOf (state: Negotiation, line: Line): number {
  return state.plan.transports.indexOf(line.transport)
}

export function line (transport: TransportName, purpose: Purpose): Line {
  return { transport, purpose }
}

/** Opens what shall carry, after closing whatever is open. */
export function connect (state: Draft): void {
  rest(state, 'connecting')
  state.carrier = line(pick(state), 'carry')
}

/** Nothing is open any more, and no timer runs. */
export function rest (state: Draft, phase: Negotiation['phase']): void {
  state.phase = phase
  state.carrier = state.candidate = null
  state.timers = {}
  state.heard = state.late = state.useful = false
}

/** Comes back after a while: by default after the backoff, which lengthens each time. */
export function wait (state: Draft, after = 0, spread = ceiling(state.attempt++)): void {
  rest(state, 'waiting')
  state.timers.retry = [after, spread]
}

/** What the end of the last connection leads to: staying away for good, or for a while. */
export function settle (state: Draft, end: End): void {
  if (end.fatal) {
    rest(state, 'closed')
    state.failure = end.error
  } else if (end.kind === 'close') wait(state, end.retry, 0)
  // All that were sent away may have been told the same delay: they must not come back at the same moment.
  else if (end.kind === 'refused') wait(state, end.retry)
  else nothingWorks(state)
}

/** Not even a poll came through. Where that goes on, no transport is worse than the others. */
export function nothingWorks (state: Draft): void {
  state.strikes = {}
  if (state.attempt >= MAX_STRIKES) state.demoted = {}
  wait(state)
}

/** The carrier has spoken. */
export function ready (state: Draft): void {
  state.phase = 'open'
  state.positioned = true
  state.transport = (state.carrier as Line).transport
  state.heard = state.late = false
  state.timers = {}
  scheduleProbe(state)
}

/** The candidate takes over. What it replaces has failed if it was better; if the candidate is better, it is cleared. */
export function adopt (state: Draft): void {
  const { carrier } = state
  const candidate = state.candidate as Line
  if (carrier && rankOf(state, candidate) > rankOf(state, carrier)) state.demoted[carrier.transport] = true
  delete state.demoted[candidate.transport]
  state.carrier = candidate
  state.candidate = null
  state.useful = false
  ready(state)
}

/** Notes a connection that delivered nothing. True: that were too many. */
export function strike (state: Draft, { transport }: Line): boolean {
  const count = state.strikes[transport] = (state.strikes[transport] || 0) + 1
  return count >= MAX_STRIKES
}

/** Sees to it that a better transport than the carrier is tried: one that merely failed soon, a demoted one ever more rarely. */
export function scheduleProbe (state: Draft): void {
  const { carrier, plan, strikes } = state
  const best = pick(state)
  delete state.timers.probe
  if (!plan.upgrade || !carrier || rankOf(state, carrier) < 1) return
  const isBetter = plan.transports.indexOf(best) < rankOf(state, carrier)
  state.timers.probe = isBetter ? [0, ceiling(strikes[best] || 0)] : [state.probeDelay, 0]
}

/** The attempt at an upgrade came to nothing: the next better one, or another time. */
export function failProbe (state: Draft, candidate: Line): void {
  const rank = rankOf(state, candidate) + 1
  const wasDemoted = state.demoted[candidate.transport]
  state.candidate = null
  if (!wasDemoted && strike(state, candidate)) state.demoted[candidate.transport] = true
  if (state.carrier && rank < rankOf(state, state.carrier)) {
    state.candidate = line(state.plan.transports[rank] as TransportName, 'upgrade')
    return
  }
  if (wasDemoted) state.probeDelay = Math.min(LAST_PROBE, state.probeDelay * 2)
  scheduleProbe(state)
}

/** Everything is new: forget who failed. */
export function forgive (state: Draft): void {
  state.demoted = {}
  state.strikes = {}
  state.probeDelay = FIRST_PROBE
}
