import t from 'tap'
import { cometError } from '../../../../lib/client/errors.ts'
import { createMemory, isDemoted, MAX_STRIKES, recordFailure } from '../../../../lib/client/negotiation/memory.ts'
import {
  createSlot, createTimer, handleFailure, isStream, markOpen, probeTimer, promote, scheduleRetry, startConnecting
} from '../../../../lib/client/negotiation/steps.ts'
import { TRANSPORT_NAMES } from '../../../../lib/protocol/wire.ts'

const create = (upgrade = true) => createMemory(TRANSPORT_NAMES, 2000, upgrade)

t.test('each slot and each timer has a number of its own', async (t) => {
  const memory = create()
  const numbers = [
    createSlot(memory, 'iframe', 'carry').id, createTimer(memory, 'race', 1).id,
    createSlot(memory, 'iframe', 'carry').id, createTimer(memory, 'race', 1).id
  ]
  t.same(numbers, [1, 2, 3, 4])
})

t.test('polls are no streams', async (t) => {
  const memory = create()
  t.same(TRANSPORT_NAMES.map((name) => isStream(createSlot(memory, name, 'carry'))), [true, true, false])
})

t.test('connecting starts with the best transport, and forgets the last failure', async (t) => {
  const memory = create()
  memory.failure = cometError('X', 'x')
  t.match(startConnecting(memory), { kind: 'racing', carrier: { transport: 'eventsource', purpose: 'carry' } })
  t.match(memory, { failure: null, tried: 'eventsource' })
})

t.test('a retry comes within a ceiling that doubles, or when the server says', async (t) => {
  const memory = create()
  const spreads = [0, 1, 2].map(() => scheduleRetry(memory).carrierTimer?.spread)
  t.same(spreads, [2000, 4000, 8000])
  t.match(scheduleRetry(memory, 700, 0).carrierTimer, { name: 'retry', after: 700, spread: 0 })
  t.equal(memory.attempt, 3, 'a time that the server names is no attempt')
})

t.test('a fatal failure closes, another one waits and is no transport’s fault', async (t) => {
  const memory = create()
  const error = cometError('X', 'x')
  recordFailure(memory, 'eventsource')
  t.match(handleFailure(memory, { error, fatal: false }), { kind: 'waiting' })
  t.match(memory, { error: null, failure: error })
  t.same(memory.strikes, {})
  t.match(handleFailure(memory, {}), { kind: 'waiting' })
  t.match(memory.failure, { code: 'COMET_ERR_NETWORK', message: 'no answer in time' })
  t.match(handleFailure(memory, { error, fatal: false, isPlanned: true }), { kind: 'waiting' })
  t.equal(memory.failure, null, 'a planned end is no failure')
  t.match(handleFailure(memory, { error, fatal: true }), { kind: 'closed' })
  t.equal(memory.error, error)
})

t.test('demoted transports have another turn where nothing gets through, time and again', async (t) => {
  const memory = create()
  for (let i = 0; i < MAX_STRIKES; i++) recordFailure(memory, 'eventsource')
  handleFailure(memory, {})
  t.ok(isDemoted(memory, 'eventsource'))
  memory.attempt = MAX_STRIKES
  handleFailure(memory, {})
  t.notOk(isDemoted(memory, 'eventsource'))
})

t.test('an open connection clears the failure, and probes for a better one if it is not the best', async (t) => {
  const memory = create()
  memory.failure = cometError('X', 'x')
  const best = markOpen(memory, createSlot(memory, 'eventsource', 'carry'))
  t.match(best, { kind: 'open', carrierTimer: { name: 'stable' }, candidate: undefined, candidateTimer: undefined })
  t.match(memory, { failure: null, transport: 'eventsource' })
  t.match(markOpen(memory, createSlot(memory, 'iframe', 'carry')), { candidateTimer: { name: 'probe', after: 15_000 } })
  t.equal(probeTimer(create(false), createSlot(memory, 'iframe', 'carry')), undefined, 'unless it must not')
})

t.test('a lesser transport that takes over demotes all that are better', async (t) => {
  const memory = create()
  const [stream, poll] = [createSlot(memory, 'eventsource', 'carry'), createSlot(memory, 'long-poll', 'carry')]
  t.match(promote(memory, stream, poll), { kind: 'open', carrier: { id: poll.id } })
  t.same(TRANSPORT_NAMES.map((name) => isDemoted(memory, name)), [true, true, false])
  promote(memory, poll, stream)
  t.notOk(isDemoted(memory, 'eventsource'), 'the better one has spoken')
})
