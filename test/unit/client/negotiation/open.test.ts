import t from 'tap'
import fc from 'fast-check'
import { isSteady } from '../../../../lib/client/negotiation/open.ts'
import { createNegotiation, negotiate } from '../../../../lib/client/negotiation/transitions.ts'
import type { Negotiation, NegotiationEvent, TimerName } from '../../../../lib/client/negotiation/state.ts'
import { cometError } from '../../../../lib/client/errors.ts'
import { TRANSPORT_NAMES } from '../../../../lib/protocol/wire.ts'
import { property } from '../../../fixtures/property.ts'

const TIMERS: TimerName[] = ['race', 'deadline', 'giveUp', 'retry', 'stable', 'trial', 'probe', 'next']
const start = () => createNegotiation(TRANSPORT_NAMES, 2000, true)
const frame = (isUseful: boolean, isCandidate = false): NegotiationEvent =>
  ({ type: 'frame', isCandidate, isUseful, isResumed: true, elapsed: 10 })

/** Any event, also one that comes too late to mean anything. */
const events: fc.Arbitrary<NegotiationEvent> = fc.oneof(
  fc.record({ type: fc.constant('opened' as const), isCandidate: fc.boolean(), isPositioned: fc.boolean() }),
  fc.record({
    type: fc.constant('frame' as const),
    isCandidate: fc.boolean(),
    isUseful: fc.boolean(),
    isResumed: fc.boolean(),
    elapsed: fc.nat(3000)
  }),
  fc.record({
    type: fc.constant('end' as const),
    isCandidate: fc.boolean(),
    end: fc.record({ fromServer: fc.boolean(), fatal: fc.constant(false), error: fc.constant(cometError('X', 'x')) })
  }),
  fc.constantFrom(...TIMERS).map((name) => ({ type: 'timer' as const, name })),
  fc.constantFrom(
    'silence' as const, 'change' as const, 'wake' as const, 'offline' as const, 'hide' as const, 'idle' as const
  )
    .map((type): NegotiationEvent => ({ type }))
)

const play = (steps: readonly NegotiationEvent[]): Negotiation => steps.reduce(negotiate, start())

/** The next negotiation. Only a timer that runs can fire. */
function playPossible (before: Negotiation, event: NegotiationEvent): Negotiation {
  const { carrierTimer, candidateTimer } = before.state
  const isPossible = event.type !== 'timer' || event.name === carrierTimer?.name || event.name === candidateTimer?.name
  return isPossible ? negotiate(before, event) : before
}

// The error is that of one step. After a `wake` the next probe is due immediately, with or without another frame.
function whatMatters ({ memory, state }: Negotiation): string {
  return JSON.stringify({ state, memory: { ...memory, error: null, probeDelay: 0 } })
}

t.test('frames of a steady carrier change nothing, whatever has come before', async (t) => {
  let count = 0
  await property(t, fc.tuple(fc.array(events, { maxLength: 30 }), fc.boolean()), ([steps, isUseful]) => {
    const negotiation = [{ type: 'change' } as const, frame(true), ...steps].reduce<Negotiation>(playPossible, start())
    if (!isSteady(negotiation.state)) return true
    count++
    return whatMatters(negotiate(negotiation, frame(isUseful))) === whatMatters(negotiation)
  }, { numRuns: 1000 })
  t.ok(count > 50, 'many of them are steady')
})

t.test('an event that comes too late is no error, in any state', async (t) => {
  await property(t, fc.array(events, { maxLength: 40 }), (steps) => { play(steps) }, { numRuns: 1000 })
})

t.test('a carrier is steady once it has delivered, while no other connection is open', async (t) => {
  const change: NegotiationEvent = { type: 'change' }
  const steps = [change, frame(false), frame(true), change, frame(false, true), frame(true)]
  const steady = steps.map((_, index) => isSteady(play(steps.slice(0, index + 1)).state))
  t.same(steady, [false, false, true, false, false, true])
})

t.test('a check takes over even with a gap, since the carrier may be dead; an upgrade or a change does not', async (t) => {
  const withGap: NegotiationEvent = { type: 'frame', isCandidate: true, isUseful: false, isResumed: false, elapsed: 10 }
  const carriers = (['offline', 'change'] as const).map((type) => {
    const before = play([{ type: 'change' }, frame(true), { type }])
    return negotiate(before, withGap).state.carrier?.id === before.state.candidate?.id
  })
  t.same(carriers, [true, false])
})
