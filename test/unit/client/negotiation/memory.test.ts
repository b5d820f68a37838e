import t from 'tap'
import {

  bestTransport,
  clearFailures,
  copyMemory,
  createMemory,
  demoteBetter,
  isDemoted,
  MAX_STRIKES,
  mayPoll,
  rankOf,
  recordFailure

} from '../../../../lib/client/negotiation/memory.ts'
import { cometError } from '../../../../lib/client/errors.ts'
import { TRANSPORT_NAMES, type TransportName } from '../../../../lib/protocol/wire.ts'

const create = (transports: readonly TransportName[] = TRANSPORT_NAMES, remembered?: TransportName) => {
  return createMemory(transports, 2000, true, remembered)
}

t.test('a transport is demoted by its third failure in a row', async (t) => {
  const memory = create()
  for (let i = 1; i < MAX_STRIKES; i++) recordFailure(memory, 'eventsource')
  t.notOk(isDemoted(memory, 'eventsource'))
  t.equal(bestTransport(memory), 'eventsource')
  recordFailure(memory, 'eventsource')
  t.ok(isDemoted(memory, 'eventsource'))
  t.equal(bestTransport(memory), 'iframe')
})

t.test('where all are demoted, the last one is the best', async (t) => {
  const memory = create()
  for (const name of TRANSPORT_NAMES) for (let i = 0; i < MAX_STRIKES; i++) recordFailure(memory, name)
  t.equal(bestTransport(memory), 'long-poll')
})

t.test('what is better than the remembered transport is demoted, until the failures are cleared', async (t) => {
  const memory = create(TRANSPORT_NAMES, 'long-poll')
  t.same(TRANSPORT_NAMES.map((name) => isDemoted(memory, name)), [true, true, false])
  clearFailures(memory)
  t.equal(bestTransport(memory), 'eventsource')
  t.equal(memory.probeDelay, 0)
})

t.test('a remembered transport that is not allowed any more demotes nothing', async (t) => {
  const memory = create(['eventsource', 'long-poll'], 'iframe')
  demoteBetter(memory, undefined)
  t.same(memory.strikes, {})
})

t.test('the order is the application’s, and polls carry only if they are allowed', async (t) => {
  const memory = create(['long-poll', 'eventsource'])
  t.same(TRANSPORT_NAMES.map((name) => rankOf(memory, name)), [1, -1, 0])
  t.ok(mayPoll(memory))
  t.notOk(mayPoll(create(['eventsource'])))
})

t.test('a copy has its own strikes, and not the error of the last step', async (t) => {
  const memory = create()
  memory.error = memory.failure = cometError('X', 'x')
  const copied = copyMemory(memory)
  recordFailure(copied, 'iframe')
  t.same(memory.strikes, {})
  t.equal(copied.error, null)
  t.equal(copied.failure, memory.failure)
})
