import t from 'tap'
import type { Audience } from '../../../lib/bus/audience.ts'
import type { Bus } from '../../../lib/bus/bus.ts'
import type { ReplayBatch } from '../../../lib/bus/batch-cache.ts'
import { eventsource } from '../../../lib/transports/eventsource.ts'
import { longPoll } from '../../../lib/transports/long-poll.ts'
import type { Transport } from '../../../lib/transports/transport.ts'
import type { Batch } from '../../../lib/transports/batch.ts'
import { createBus, Inbox, publish, turn } from '../../fixtures/bus.ts'
import { until } from '../../fixtures/until.ts'

const BUDGET = 1_000_000

async function published (bus: Bus, channel: string, count: number, data: unknown = 1): Promise<void> {
  for (let i = 0; i < count; i++) await publish(bus, channel, data)
  await turn()
}

type Reader = (from: number, budget?: number) => ReplayBatch

function reader (bus: Bus, audience: Audience, transport: Transport = eventsource): Reader {
  return (from, budget = BUDGET) => bus.batches.replay({ audience, transport, from, to: bus.position, budget })
}

t.test('pages end at multiples of 64, wherever a reader began, and the last one at the position', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.subscribe(['a']).audience)
  await published(bus, 'a', 150)
  t.same([0, 5, 63, 64, 100, 128].map((from) => read(from).end), [64, 64, 64, 128, 128, 150])
  t.same([read(5).batch.messages, read(128).batch.messages], [59, 22])
})

t.test('of several channels too', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.subscribe(['a', 'b']).audience)
  for (let i = 0; i < 100; i++) await publish(bus, i % 2 === 0 ? 'a' : 'b', i)
  await turn()
  t.same([0, 64].map((from) => read(from).end), [64, 100])
})

t.test('readers of one audience and transport share a page, others do not', async (t) => {
  const bus = createBus(t)
  const audience = bus.subscribe(['a']).audience
  await published(bus, 'a', 3)
  const page = reader(bus, audience, longPoll)(0)
  t.equal(reader(bus, audience, longPoll)(0), page)
  t.not(reader(bus, audience, eventsource)(0), page)
  t.not(reader(bus, bus.subscribe(['a', 'b']).audience, longPoll)(0), page)
  t.match(page.batch.body.toString(), /^\[\{"id":"\w+-1","channel":"a","data":1\},/)
})

t.test('a page that ended for want of more is read again once there is more', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.subscribe(['a']).audience)
  await published(bus, 'a', 3)
  const short = read(0)
  t.equal(read(0), short)
  await published(bus, 'a', 100)
  const whole = read(0)
  t.same([short.end, whole.end], [3, 64])
  await published(bus, 'a', 1)
  t.equal(read(0), whole, 'it will never have more')
})

t.test('a budget ends a page earlier, for one who shares it too', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.subscribe(['a']).audience)
  await published(bus, 'a', 10, 'x'.repeat(1000))
  const page = read(0, 3000)
  t.equal(page.end, 3)
  t.equal(read(0, 3000), page)
})

t.test('a stretch without messages leads to the position', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.subscribe(['quiet']).audience)
  await published(bus, 'a', 70)
  t.match(read(0), { end: 70, batch: { messages: 0 } })
})

t.test('what is forgotten is read anew', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.subscribe(['a']).audience)
  await published(bus, 'a', 3)
  const page = read(0)
  bus.batches.clear()
  const again = read(0)
  t.not(again, page)
  t.same(again.batch.body, page.batch.body)
})

t.test('it forgets by itself, every tick', async (t) => {
  const bus = createBus(t, { heartbeatInterval: 1 })
  const read = reader(bus, bus.subscribe(['a']).audience)
  await published(bus, 'a', 3)
  const page = read(0)
  await until(() => read(0) !== page, 'the batch is encoded once more')
  t.pass()
})

t.test('past 4 MiB it lets go of everything', async (t) => {
  const bus = createBus(t, { maxMessageBytes: 1_000_000 })
  const read = reader(bus, bus.subscribe(['a']).audience)
  await published(bus, 'a', 6, 'x'.repeat(900_000))
  const first = read(0, 1)
  for (const from of [1, 2, 3]) read(from, 1)
  t.equal(read(0, 1), first, 'not yet')
  read(4, 1)
  t.not(read(0, 1), first)
})

t.test('the answer to a poll is not cut at the end of a page', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.subscribe(['a']).audience, longPoll)
  await published(bus, 'a', 150)
  t.same([read(5).end, read(5).batch.messages], [150, 145])
})

t.test('who comes after all others have left shares their page', async (t) => {
  const bus = createBus(t)
  await published(bus, 'a', 3)
  const seat = bus.subscribe(['a'])
  const page = reader(bus, seat.audience)(0)
  seat.leave()
  t.equal(reader(bus, bus.subscribe(['a']).audience)(0), page)
})

t.test('audiences that get one and the same message get the same bytes', async (t) => {
  const bus = createBus(t)
  const [one, other] = [new Inbox(), new Inbox()]
  bus.subscribe(['a', 'b']).audience.attach(one)
  bus.subscribe(['a', 'c']).audience.attach(other)
  await publish(bus, 'a', 1)
  bus.flush()
  t.equal(one.batches.length, 1)
  t.equal(one.batches[0], other.batches[0])
})

t.test('audiences whose messages differ get each their own', async (t) => {
  const bus = createBus(t)
  const [one, other] = [new Inbox(), new Inbox()]
  bus.subscribe(['a', 'b']).audience.attach(one)
  bus.subscribe(['a', 'c']).audience.attach(other)
  for (const [index, channel] of ['a', 'b', 'c', 'a'].entries()) await publish(bus, channel, index)
  bus.flush()
  t.same([one.data, other.data], [[0, 1, 3], [0, 2, 3]])
})

t.test('one message after the other is never taken for the one before', async (t) => {
  const bus = createBus(t)
  const inbox = new Inbox()
  const streamed: Batch[] = []
  const audience = bus.subscribe(['a']).audience
  audience.attach(inbox)
  audience.attach({ transport: eventsource, deliver: (batch) => { streamed.push(batch) }, restart () {}, fail () {} })
  for (const value of [1, 2]) {
    await publish(bus, 'a', value)
    bus.flush()
  }
  t.same(inbox.data, [1, 2])
  t.same(streamed.map((batch) => /"data":(\d)/.exec(batch.body.toString())?.[1]), ['1', '2'])
})

t.test('a gap is no message, though it comes alone', async (t) => {
  const bus = createBus(t)
  const gap = { offset: 1, cursor: 'e-1', reason: 'evicted' as const, channels: ['a'] }
  const batch = bus.batches.live({ items: [gap], end: 1, bytes: 0 }, longPoll)
  t.same([batch.messages, batch.gaps], [0, 1])
})
