// What has to be done for what is open to become what is planned. The session does it.

import type { NegotiationState, Slot, Timer } from './negotiation/state.ts'

/** The two connections of a session. Each has a timer. */
export type Role = 'carrier' | 'candidate'

/** What can be done. */
export interface Effects {
  /** The candidate becomes the carrier. */
  promote (): void
  openSlot (role: Role, slot: Slot): void
  disconnect (role: Role): void
  /** Sets a timer instead of the role's last one. Without a timer, it stops that. */
  setTimer (role: Role, timer?: Timer): void
}

/** Calls the effects that lead from one state to the next. */
export function reconcile (before: NegotiationState, after: NegotiationState, effects: Effects): void {
  const { carrier } = after
  const isPromoted = !!carrier && !isSame(before.carrier, carrier) && isSame(before.candidate, carrier)
  const replace = (role: Role, old: Slot | undefined, slot: Slot | undefined) => {
    if (isSame(old, slot)) return
    if (old) effects.disconnect(role)
    if (isPromoted && slot === carrier) effects.promote()
    else if (slot) effects.openSlot(role, slot)
  }
  replace('carrier', before.carrier, carrier)
  replace('candidate', isPromoted ? undefined : before.candidate, after.candidate)
  if (!isSame(before.carrierTimer, after.carrierTimer)) effects.setTimer('carrier', after.carrierTimer)
  if (!isSame(before.candidateTimer, after.candidateTimer)) effects.setTimer('candidate', after.candidateTimer)
}

/** Whether two slots or timers are the same one: it may be another object in each state. */
export function isSame (one: Slot | Timer | undefined, other: Slot | Timer | undefined): boolean {
  return (one && one.id) === (other && other.id)
}
