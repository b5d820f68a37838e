import t from 'tap'
import type { Batch } from '../../../lib/transports/batch.ts'
import { Encoder } from '../../../lib/bus/encoder.ts'
import { eventsource } from '../../../lib/transports/eventsource.ts'
import { longPoll } from '../../../lib/transports/long-poll.ts'
import { createBus, Inbox, publish } from '../../fixtures/engine.ts'

t.test('audiences that get one and the same message get the same bytes', async (t) => {
  const bus = createBus(t)
  const [one, other] = [new Inbox(), new Inbox()]
  bus.join(['a', 'b']).audience.enter(one)
  bus.join(['a', 'c']).audience.enter(other)
  await publish(bus, 'a', 1)
  bus.flush()
  t.equal(one.batches.length, 1)
  t.equal(one.batches[0], other.batches[0])
})

t.test('audiences whose messages differ get each their own', async (t) => {
  const bus = createBus(t)
  const [one, other] = [new Inbox(), new Inbox()]
  bus.join(['a', 'b']).audience.enter(one)
  bus.join(['a', 'c']).audience.enter(other)
  for (const [index, channel] of ['a', 'b', 'c', 'a'].entries()) await publish(bus, channel, index)
  bus.flush()
  t.same([one.data, other.data], [[0, 1, 3], [0, 2, 3]])
})

t.test('one message after the other is never taken for the one before', async (t) => {
  const bus = createBus(t)
  const inbox = new Inbox()
  const streamed: Batch[] = []
  const audience = bus.join(['a']).audience
  audience.enter(inbox)
  audience.enter({ transport: eventsource, deliver: (batch) => { streamed.push(batch) }, restart () {}, fail () {} })
  for (const value of [1, 2]) {
    await publish(bus, 'a', value)
    bus.flush()
  }
  t.same(inbox.data, [1, 2])
  t.same(streamed.map((batch) => /"data":(\d)/.exec(batch.body.toString())?.[1]), ['1', '2'])
})

t.test('a gap is no message, though it comes alone', async (t) => {
  const bus = createBus(t)
  const gap = { offset: 1, reason: 'evicted' as const, channels: [bus.history.channel('a')] }
  const batch = new Encoder(bus.toCursor).encode(longPoll, { items: [gap], end: 1 })
  t.same([batch.messages, batch.gaps], [0, 1])
})
