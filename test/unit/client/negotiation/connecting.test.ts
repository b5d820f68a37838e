import t from 'tap'
import { cometError } from '../../../../lib/client/errors.ts'
import { deadlineFor } from '../../../../lib/client/negotiation/connecting.ts'
import { createNegotiation, negotiate } from '../../../../lib/client/negotiation/transitions.ts'
import type { Negotiation, NegotiationEvent, TimerName } from '../../../../lib/client/negotiation/state.ts'
import { TRANSPORT_NAMES } from '../../../../lib/protocol/wire.ts'

t.test('the deadline follows the round trip, within bounds', async (t) => {
  const cases = [[1, 500], [125, 500], [300, 1200], [600, 2000], [1000, 2000], [3000, 6000]] as const
  for (const [roundTrip, deadline] of cases) t.equal(deadlineFor(2000, roundTrip), deadline)
  t.equal(deadlineFor(300, 1), 300, 'the application may want it shorter')
})

const start: NegotiationEvent = { type: 'change' }
const speaks = (isCandidate = false): NegotiationEvent =>
  ({ type: 'frame', isCandidate, isUseful: false, isResumed: true, elapsed: 10 })
const breaks: NegotiationEvent = {
  type: 'end', isCandidate: false, end: { error: cometError('X', 'x'), fromServer: false, fatal: false }
}
const fires = (name: TimerName): NegotiationEvent => ({ type: 'timer', name })
const opened: NegotiationEvent = { type: 'opened', isCandidate: false, isPositioned: false }

function play (...steps: NegotiationEvent[]): Negotiation {
  return steps.reduce(negotiate, createNegotiation(TRANSPORT_NAMES, 2000, true))
}

t.test('each state on the way from the first request to the diagnosis has a name', async (t) => {
  const steps = [start, opened, fires('race'), speaks(true), breaks]
  const kinds = steps.map((_, index) => play(...steps.slice(0, index + 1)).state.kind)
  t.same(kinds, ['racing', 'racing', 'racing', 'answered', 'open'])
  t.equal(play(start, opened, fires('race'), fires('deadline')).state.kind, 'overdue')
  t.equal(play(start, opened, breaks).state.kind, 'diagnosing')
})

t.test('a poll that was answered carries as soon as its stream breaks', async (t) => {
  t.match(play(start, opened, fires('race'), speaks(true), breaks).state, {
    kind: 'open', carrier: { transport: 'long-poll' }
  })
})

t.test('a stream that breaks before it speaks has one failure more, once a poll is answered', async (t) => {
  t.same(play(start, breaks).memory.strikes, {})
  t.same(play(start, breaks, speaks(true)).memory.strikes, { eventsource: 1 })
})

t.test('the failure is that of the transport that failed, also if the page has returned meanwhile', async (t) => {
  const remembered = createNegotiation(TRANSPORT_NAMES, 2000, true, 'iframe')
  const steps: NegotiationEvent[] = [start, breaks, { type: 'wake' }, speaks(true)]
  t.same(steps.reduce(negotiate, remembered).memory.strikes, { iframe: 1 })
})

t.test('a page that becomes visible while it connects is not the fault of a transport', async (t) => {
  const silence: NegotiationEvent = { type: 'silence' }
  const before = play(start, opened)
  t.same([silence, silence, silence].reduce(negotiate, before), before)
})
