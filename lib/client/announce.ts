// What the application is notified of after a step of the negotiation.

import type { CometError } from './errors.ts'
import type { Emit } from './events.ts'
import { rankOf } from './negotiation/memory.ts'
import { phaseOf } from './negotiation/transitions.ts'
import type { Negotiation } from './negotiation/state.ts'

/**
 * The error that a step has led to: the reason for its end, or a failure that is not the last step's. It is marked with
 * what becomes of it: after a failure, the client tries again in `retryIn` ms.
 */
export function errorOfStep (before: Negotiation, after: Negotiation, retryIn: number): CometError | null {
  const { error, failure } = after.memory
  if (error) error.retrying = false
  if (error || !failure || failure === before.memory.failure) return error
  failure.retrying = true
  failure.retryIn = Math.round(retryIn)
  return failure
}

/** Emits a change of transport, a change of state, and an error, in this order. */
export function announce (emit: Emit, before: Negotiation, after: Negotiation, error: CometError | null): void {
  const { memory } = after
  const phase = phaseOf(after.state)
  const from = before.memory.transport
  const to = memory.transport
  if (to && to !== from) {
    const isLesser = rankOf(memory, to) > (from ? rankOf(memory, from) : 0)
    emit('transport', { from, to, reason: isLesser ? 'fallback' : from ? 'upgrade' : 'start' })
  }
  if (phase !== phaseOf(before.state)) emit('state', phase, memory.error || memory.failure)
  if (error) emit('error', error)
}
