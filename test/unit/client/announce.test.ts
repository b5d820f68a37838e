import t from 'tap'
import { announce, errorOfStep } from '../../../lib/client/announce.ts'
import { cometError } from '../../../lib/client/errors.ts'
import type { Emit } from '../../../lib/client/events.ts'
import { createNegotiation } from '../../../lib/client/negotiation/transitions.ts'
import { createSlot, createState, createTimer } from '../../../lib/client/negotiation/steps.ts'
import type { Memory } from '../../../lib/client/negotiation/memory.ts'
import type { Negotiation, NegotiationState } from '../../../lib/client/negotiation/state.ts'
import { TRANSPORT_NAMES, type TransportName } from '../../../lib/protocol/wire.ts'

const start = createNegotiation(TRANSPORT_NAMES, 2000, true)
const failure = cometError('X', 'x')
const become = (before: Negotiation, memory: Partial<Memory>, state: NegotiationState = before.state): Negotiation =>
  ({ memory: { ...before.memory, ...memory }, state })

function announced (before: Negotiation, after: Negotiation): unknown[][] {
  const events: unknown[][] = []
  const emit: Emit = (...event) => { events.push(event) }
  announce(emit, before, after, errorOfStep(before, after, 700.4))
  return events
}

const memory = { ...start.memory }
const carrier = createSlot(memory, 'eventsource', 'carry')
const open = createState('open', carrier, createTimer(memory, 'stable', 1000))

t.test('a change of the transport has a reason', async (t) => {
  const on = (transport: TransportName) => become(start, { transport })
  const [stream, iframe, poll] = [on('eventsource'), on('iframe'), on('long-poll')]
  const reason = (before: Negotiation, after: Negotiation) => {
    return (announced(before, after)[0]?.[1] as { reason: string }).reason
  }
  t.same(announced(start, stream), [['transport', { from: null, to: 'eventsource', reason: 'start' }]])
  t.equal(reason(start, poll), 'fallback', 'the first is not the best')
  t.equal(reason(stream, iframe), 'fallback')
  t.equal(reason(poll, stream), 'upgrade')
  t.same(announced(stream, start), [], 'that there is none is part of the state')
})

t.test('states that are one to the application are announced once', async (t) => {
  const racing = become(start, {}, createState('racing', carrier))
  const overdue = become(start, {}, createState('overdue', carrier, createTimer(memory, 'giveUp', 1)))
  t.same(announced(start, racing), [['state', 'connecting', null]])
  t.same(announced(racing, overdue), [])
  t.same(announced(overdue, become(start, {}, open)), [['state', 'open', null]])
})

t.test('a failure is announced once, with when the client tries again', async (t) => {
  const before = become(start, {}, open)
  const after = become(start, { failure }, createState('waiting'))
  t.same(announced(before, after).map(([event]) => event), ['state', 'error'])
  t.match(failure, { retrying: true, retryIn: 700 })
  t.same(announced(after, after), [])
})

t.test('the error that ends it is announced as the last', async (t) => {
  const error = cometError('Y', 'y')
  const closed = become(start, { error, failure }, createState('closed'))
  t.same(announced(become(start, {}, open), closed), [['state', 'closed', error], ['error', error]])
  t.equal(error.retrying, false)
  t.equal(error.retryIn, undefined)
})
