// What has to be done for what is open to become what is planned. Pure; the session carries it out.

import type { NegotiationState, Slot, Timer } from './negotiation/state.ts'

/** The two connections of a session. Each has a timer. */
export type Role = 'carrier' | 'candidate'

/**
 * One thing to do. `promote`: the candidate becomes the carrier. A timer is set instead of the role's last one;
 * undefined stops that.
 */
export type Effect =
  | { readonly does: 'promote' }
  | { readonly does: 'close', readonly role: Role }
  | { readonly does: 'open', readonly role: Role, readonly slot: Slot }
  | { readonly does: 'time', readonly role: Role, readonly timer: Timer | undefined }

/** The effects that lead from one state to the next, in the order in which they are carried out. */
export function reconcile (before: NegotiationState, after: NegotiationState): Effect[] {
  const { carrier } = after
  const isPromoted = !!carrier && !isSame(before.carrier, carrier) && isSame(before.candidate, carrier)
  return replacing('carrier', before.carrier, carrier, isPromoted).concat(
    replacing('candidate', isPromoted ? undefined : before.candidate, after.candidate),
    timing('carrier', before.carrierTimer, after.carrierTimer),
    timing('candidate', before.candidateTimer, after.candidateTimer)
  )
}

function replacing (role: Role, before: Slot | undefined, slot: Slot | undefined, isPromoted?: boolean): Effect[] {
  const effects: Effect[] = []
  if (isSame(before, slot)) return effects
  if (before) effects.push({ does: 'close', role })
  if (slot) effects.push(isPromoted ? { does: 'promote' } : { does: 'open', role, slot })
  return effects
}

function timing (role: Role, before: Timer | undefined, timer: Timer | undefined): Effect[] {
  return isSame(before, timer) ? [] : [{ does: 'time', role, timer }]
}

/** Whether two slots or timers are the same one: it may be another object in each state. */
export function isSame (one: Slot | Timer | undefined, other: Slot | Timer | undefined): boolean {
  return (one && one.id) === (other && other.id)
}
