// The moves that the negotiation is made of. Each changes a state that is the step's own copy.

import type { TransportName } from '../../protocol/wire.ts'
import { ceiling } from '../connection/backoff.ts'
import { copy } from '../browser/dictionary.ts'
import { timeoutError, type ConnectionFailure } from '../connection/failure.ts'
import type { CometError } from '../errors.ts'
import { FIRST_PROBE, LAST_PROBE, MAX_STRIKES, type Line, type Negotiation, type Purpose } from './state.ts'

type Writable<T> = { -readonly [K in keyof T]: T[K] }

/** A state in the making. */
export type Draft = Writable<Omit<Negotiation, 'strikes'>> & { strikes: Writable<Negotiation['strikes']> }

/** ms: a connection that lived that long was no flash in the pan. */
const SETTLED = 1000

/** `remembered`: what worked lately. Better ones are tried later. */
export function createNegotiation (transports: readonly TransportName[], timeout: number, upgrade: boolean, remembered?: TransportName | undefined): Negotiation {
  const state = { transports, timeout, upgrade, strikes: {}, transport: null, attempt: 0, probeDelay: FIRST_PROBE, error: null, failure: null } as unknown as Draft
  rest(state, 'idle')
  demoteBetter(state, remembered)
  return state
}

/** A copy that a step may change. */
export function draft (state: Negotiation): Draft {
  const own: Draft = copy(state)
  own.strikes = copy(state.strikes)
  own.error = null
  return own
}

/** Opens a connection beside the carrier. */
export function tryOut (state: Draft, transport: TransportName, purpose: Purpose): void {
  state.candidate = { transport, purpose }
  state.candidateTimer = null
}

export function isStream (line: Line): boolean {
  return line.transport !== 'long-poll'
}

/** Whether polls may carry messages, not only diagnose. */
export function mayPoll (state: Negotiation): boolean {
  return rankOf(state, 'long-poll') >= 0
}

/** How far down the order of preference. */
export function rankOf (state: Negotiation, transport: TransportName): number {
  return state.transports.indexOf(transport)
}

export function isDemoted (state: Negotiation, transport: TransportName): boolean {
  return state.strikes[transport] as number >= MAX_STRIKES
}

/** The best transport that is not demoted; the last one where all are. */
export function pick (state: Negotiation): TransportName {
  const { transports } = state
  return transports.filter((name) => !isDemoted(state, name)).concat(transports.slice(-1))[0] as TransportName
}

/** Nothing is open any more, and no timer runs. */
export function rest (state: Draft, phase: Negotiation['phase']): void {
  state.phase = phase
  state.carrier = state.candidate = state.carrierTimer = state.candidateTimer = null
  state.heard = state.suspect = state.useful = false
}

/** Opens what shall carry, after closing whatever is open. */
export function connect (state: Draft): void {
  rest(state, 'connecting')
  state.failure = null
  state.carrier = { transport: pick(state), purpose: 'carry' }
}

/** Comes back after a while: by default after the backoff, which lengthens each time. */
export function wait (state: Draft, after = 0, spread = ceiling(state.attempt++)): void {
  rest(state, 'waiting')
  state.carrierTimer = ['retry', after, spread]
}

/** What the end of the last connection leads to: staying away for good, or for a while. */
export function settle (state: Draft, end: Partial<ConnectionFailure>): void {
  if (end.fatal) {
    rest(state, 'closed')
    state.error = end.error as CometError
  } else {
    state.failure = end.isPlanned ? null : end.error || timeoutError()
    // Not even a poll came through. Where that goes on, no transport is worse than the others.
    state.transports.forEach((name) => { if (state.attempt >= MAX_STRIKES || !isDemoted(state, name)) delete state.strikes[name] })
    wait(state, end.retry, end.spread)
  }
}

/** The carrier has spoken. */
export function ready (state: Draft, { transport }: Line): void {
  state.phase = 'open'
  state.failure = null
  state.transport = transport
  state.heard = state.suspect = false
  state.carrierTimer = ['settled', SETTLED]
  if (isDemoted(state, transport)) delete state.strikes[transport]
  scheduleProbe(state)
}

/** The candidate takes over. Where it replaces a better one, that has failed, and what lies between is no more likely to work. */
export function adopt (state: Draft, candidate: Line): void {
  const { carrier } = state
  const { transport } = candidate
  if (!carrier) strike(state, pick(state))
  else if (rankOf(state, transport) > rankOf(state, carrier.transport)) demoteBetter(state, transport)
  state.carrier = candidate
  state.candidate = null
  state.useful = false
  ready(state, candidate)
}

function demoteBetter (state: Draft, transport: TransportName | undefined): void {
  const { transports, strikes } = state
  transports.forEach((name, rank) => { if (rank < transports.indexOf(transport as TransportName)) strikes[name] = MAX_STRIKES })
}

/** Notes a connection that delivered nothing. True: that were too many. */
export function strike (state: Draft, transport: TransportName): boolean {
  state.strikes[transport] = (state.strikes[transport] || 0) + 1
  return isDemoted(state, transport)
}

/** Sees to it that a better transport than the carrier is tried. */
export function scheduleProbe (state: Draft): void {
  const { carrier } = state
  state.candidateTimer = state.upgrade && carrier && rankOf(state, carrier.transport) ? ['probe', state.probeDelay] : null
}

/** The attempt at an upgrade came to nothing: the next better one, or another time. */
export function failProbe (state: Draft, { transport }: Line): void {
  const next = state.transports[rankOf(state, transport) + 1]
  strike(state, transport)
  if (next && next !== state.transport) return tryOut(state, next, 'upgrade')
  state.probeDelay = Math.min(LAST_PROBE, Math.max(FIRST_PROBE, 2 * state.probeDelay))
  scheduleProbe(state)
}

/** Everything is new: forget who failed, and look at once. */
export function forgive (state: Draft): void {
  state.strikes = {}
  state.probeDelay = 0
}
