// The moves that the negotiation is made of. Each changes a state that is the step's own copy.

import type { TransportName } from '../protocol.ts'
import { ceiling } from './backoff.ts'
import { copy } from './dictionary.ts'
import { FIRST_PROBE, LAST_PROBE, type Line, type Negotiation, type Purpose } from './negotiation.ts'
import type { End } from './transports/transport.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** A state in the making. */
export type Draft = Writable<Omit<Negotiation, 'timers' | 'strikes' | 'demoted'>> &
  { [K in 'timers' | 'strikes' | 'demoted']: Writable<Negotiation[K]> }

/** This many connections that delivered nothing demote a transport. */
export const MAX_STRIKES = 3

/** A copy that a step may change. */
export function draft (state: Negotiation): Draft {
  const own: Draft = copy(state)
  own.timers = copy(state.timers)
  own.strikes = copy(state.strikes)
  own.demoted = copy(state.demoted)
  own.rejection = null
  return own
}

export function line (transport: TransportName, purpose: Purpose): Line {
  return { transport, purpose }
}

export function isStream (line: Line): boolean {
  return line.transport !== 'long-poll'
}

/** Whether polls may carry messages, not only diagnose. */
export function mayPoll (state: Negotiation): boolean {
  return state.transports.indexOf('long-poll') >= 0
}

/** How far down the order of preference. */
export function rankOf (state: Negotiation, line: Line): number {
  return state.transports.indexOf(line.transport)
}

/** The best transport that is not demoted; the last one where all are. */
export function pick (state: Negotiation): TransportName {
  const { transports, demoted } = state
  return transports.filter((name, index) => !demoted[name] || index === transports.length - 1)[0] as TransportName
}

/** Nothing is open any more, and no timer runs. */
export function rest (state: Draft, phase: Negotiation['phase']): void {
  state.phase = phase
  state.carrier = state.candidate = null
  state.timers = {}
  state.heard = state.suspect = state.useful = false
}

/** Opens what shall carry, after closing whatever is open. */
export function connect (state: Draft): void {
  rest(state, 'connecting')
  state.carrier = line(pick(state), 'carry')
}

/** Comes back after a while: by default after the backoff, which lengthens each time. */
export function wait (state: Draft, after = 0, spread = ceiling(state.attempt++)): void {
  rest(state, 'waiting')
  state.timers.retry = [after, spread]
}

/** Not even a poll came through. Where that goes on, no transport is worse than the others. */
export function nothingWorks (state: Draft): void {
  state.strikes = {}
  if (state.attempt >= MAX_STRIKES) state.demoted = {}
  wait(state)
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

/** The carrier has spoken. */
export function ready (state: Draft, carrier: Line): void {
  state.phase = 'open'
  state.transport = carrier.transport
  state.positioned = true
  state.heard = state.suspect = false
  state.timers = {}
  delete state.demoted[carrier.transport]
  scheduleProbe(state)
}

/** The candidate takes over. Where it replaces a better one, that has failed, and what lies between is no more likely to work. */
export function adopt (state: Draft, candidate: Line): void {
  const { carrier } = state
  const rank = rankOf(state, candidate)
  if (carrier && rank > rankOf(state, carrier)) state.transports.slice(0, rank).forEach((name) => { state.demoted[name] = true })
  state.carrier = candidate
  state.candidate = null
  state.useful = false
  ready(state, candidate)
}

/** Notes a connection that delivered nothing. True: that were too many. */
export function strike (state: Draft, { transport }: Line): boolean {
  const count = state.strikes[transport] = (state.strikes[transport] || 0) + 1
  return count >= MAX_STRIKES
}

/** Sees to it that a better transport than the carrier is tried: one that merely failed soon, a demoted one ever more rarely. */
export function scheduleProbe (state: Draft): void {
  const { carrier, strikes, timers } = state
  const best = pick(state)
  delete timers.probe
  if (!state.upgrade || !carrier || !rankOf(state, carrier)) return
  timers.probe = state.demoted[best] || best === carrier.transport ? [state.probeDelay, 0] : [0, ceiling(strikes[best] || 0)]
}

/** The attempt at an upgrade came to nothing: the next better one, or another time. */
export function failProbe (state: Draft, candidate: Line): void {
  const next = state.transports[rankOf(state, candidate) + 1]
  const wasDemoted = state.demoted[candidate.transport]
  if (!wasDemoted && strike(state, candidate)) state.demoted[candidate.transport] = true
  if (next && next !== state.transport) {
    state.candidate = line(next, 'upgrade')
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
