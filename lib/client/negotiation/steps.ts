// The steps that transitions are made of. Each returns the next state and may change the memory, which is the
// transition's own copy.

import type { TransportName } from '../../protocol/wire.ts'
import { maxDelay } from '../connection/backoff.ts'
import { timeoutError, type ConnectionFailure } from '../connection/failure.ts'
import type { CometError } from '../errors.ts'
import { bestTransport, demoteBetter, isDemoted, MAX_STRIKES, rankOf, type Memory } from './memory.ts'
import type { CandidateClock, Carrier, Clock, Purpose, Slot, StateOf, Timer, TimerName } from './state.ts'

/** How long a poll may take, in ms: with the carrier or, after the carrier's deadline, alone. */
export const GIVE_UP = 8000

/** How long a connection must last for the backoff to start from its beginning again, in ms. */
const STABLE_AFTER = 1000

/** A new connection. */
export function createSlot (memory: Memory, transport: TransportName, purpose: Purpose): Slot {
  return { id: ++memory.lastId, transport, purpose }
}

/** A new timer: `after` ms, and a random time of up to `spread` ms. */
export function createTimer<N extends TimerName> (memory: Memory, name: N, after: number, spread = 0): Timer<N> {
  return { id: ++memory.lastId, name, after, spread }
}

/** A state, with the fields that it can have. */
export function createState<K extends 'idle' | 'closed'> (kind: K): StateOf<K>
export function createState (kind: 'racing', carrier: Slot, timer?: Clock, poll?: Slot): StateOf<'racing'>
export function createState (kind: 'answered', carrier: Slot, timer: Clock | undefined, poll: Slot): StateOf<'answered'>
export function createState (kind: 'overdue', carrier: Slot, timer: Timer<'giveUp'>, poll?: Slot): StateOf<'overdue'>
export function createState (
  kind: 'diagnosing', carrier: undefined, timer: Timer<'giveUp'>, poll: Slot
): StateOf<'diagnosing'>
export function createState (
  kind: 'open', carrier: Carrier, timer: Timer<'stable'>, candidate?: Slot, candidateTimer?: CandidateClock
): StateOf<'open'>
export function createState (kind: 'waiting', carrier?: undefined, timer?: Timer<'retry'>): StateOf<'waiting'>
export function createState (
  kind: string, carrier?: Slot, carrierTimer?: Timer, candidate?: Slot, candidateTimer?: Timer
): unknown {
  return { kind, carrier, carrierTimer, candidate, candidateTimer }
}

/** Whether a slot's connection lasts, as all do but polls. */
export function isStream ({ transport }: Slot): boolean {
  return transport !== 'long-poll'
}

/** Opens the best transport, after closing all that is open. */
export function startConnecting (memory: Memory): StateOf<'racing'> {
  memory.failure = null
  memory.tried = bestTransport(memory)
  return createState('racing', createSlot(memory, memory.tried, 'carry'))
}

/**
 * Connects again after `after` ms and a random time of up to `spread` ms. Default: the backoff, which doubles with each
 * attempt.
 */
export function scheduleRetry (memory: Memory, after = 0, spread?: number): StateOf<'waiting'> {
  const random = spread === undefined ? maxDelay(memory.attempt++) : spread
  return createState('waiting', undefined, createTimer(memory, 'retry', after, random))
}

/** Neither the carrier nor a poll has got through: connects again later or, if the failure is fatal, never. */
export function handleFailure (memory: Memory, end: Partial<ConnectionFailure>): StateOf<'waiting' | 'closed'> {
  if (end.fatal) {
    memory.error = end.error as CometError
    return createState('closed')
  }
  memory.failure = end.isPlanned ? null : end.error || timeoutError()
  memory.transports.forEach((name) => {
    // Not even a poll came through, so no transport is worse than the others. If that continues, the demoted ones have
    // their turn too.
    if (memory.attempt >= MAX_STRIKES || !isDemoted(memory, name)) delete memory.strikes[name]
  })
  return scheduleRetry(memory, end.retry, end.spread)
}

/** The carrier has spoken, or has just taken over. */
export function markOpen (memory: Memory, carrier: Slot): StateOf<'open'> {
  const { transport } = carrier
  memory.failure = null
  memory.transport = transport
  if (isDemoted(memory, transport)) delete memory.strikes[transport]
  const stable = createTimer(memory, 'stable', STABLE_AFTER)
  return createState('open', carrier, stable, undefined, probeTimer(memory, carrier))
}

/**
 * The candidate takes over from the carrier. If its transport is the lesser one, the carrier's has failed, and the
 * transports between the two are no more likely to work.
 */
export function promote (memory: Memory, carrier: Slot, candidate: Slot): StateOf<'open'> {
  if (rankOf(memory, candidate.transport) > rankOf(memory, carrier.transport)) demoteBetter(memory, candidate.transport)
  return markOpen(memory, candidate)
}

/** The timer after which a better transport than the carrier's is tried, if there is one. */
export function probeTimer (memory: Memory, { transport }: Slot): Timer<'probe'> | undefined {
  return memory.upgrade && rankOf(memory, transport) ? createTimer(memory, 'probe', memory.probeDelay) : undefined
}
