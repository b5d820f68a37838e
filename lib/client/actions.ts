// What is to be done to get from one state of the negotiation to the next.

import type { Action, Line, Negotiation, Slot, TimerName } from './negotiation.ts'

const TIMER_NAMES: readonly TimerName[] = ['race', 'deadline', 'trial', 'retry', 'probe', 'change']

export function actionsBetween (before: Negotiation, after: Negotiation): Action[] {
  const actions: Action[] = []
  const isAdopted = after.carrier && after.carrier === before.candidate
  const replace = (slot: Slot, old: Line | null, now: Line | null) => {
    if (old === now) return
    if (old) actions.push({ do: 'close', slot })
    if (now) actions.push({ do: 'open', slot, transport: now.transport })
  }
  if (isAdopted) actions.push({ do: 'adopt' })
  else replace('carrier', before.carrier, after.carrier)
  replace('candidate', isAdopted ? null : before.candidate, after.candidate)
  TIMER_NAMES.forEach((name) => {
    const timer = after.timers[name]
    if (timer !== before.timers[name]) actions.push({ do: 'timer', name, timer: timer || null })
  })
  announce(actions, before, after)
  if (after.rejection) actions.push({ do: 'reject', error: after.rejection })
  if (after.failure !== before.failure && after.failure) actions.push({ do: 'fail', error: after.failure })
  return actions
}

function announce (actions: Action[], before: Negotiation, after: Negotiation) {
  const { transports, transport: to } = after
  const from = before.transport
  if (!to || to === from) return
  const isLesser = transports.indexOf(to) > (from ? transports.indexOf(from) : 0)
  actions.push({ do: 'announce', from, to, reason: isLesser ? 'fallback' : from ? 'upgrade' : 'start' })
}
