import t from 'tap'
import type { Audience } from '../../../../lib/bus/audience.ts'
import type { Bus } from '../../../../lib/bus/bus.ts'
import type { Page } from '../../../../lib/bus/subscription/replay-cache.ts'
import { eventsource } from '../../../../lib/transports/eventsource.ts'
import { longPoll } from '../../../../lib/transports/long-poll.ts'
import type { Transport } from '../../../../lib/transports/transport.ts'
import { createBus, publish, turn } from '../../../fixtures/engine.ts'
import { until } from '../../../fixtures/until.ts'

const BUDGET = 1_000_000

async function published (bus: Bus, channel: string, count: number, data: unknown = 1): Promise<void> {
  for (let i = 0; i < count; i++) await publish(bus, channel, data)
  await turn()
}

function reader (bus: Bus, audience: Audience, transport: Transport = eventsource): (from: number, budget?: number) => Page {
  return (from, budget = BUDGET) => bus.pages.read(audience, transport, from, bus.position, budget)
}

t.test('pages end at multiples of 64, wherever a reader began, and the last one at the position', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.join(['a']).audience)
  await published(bus, 'a', 150)
  t.same([0, 5, 63, 64, 100, 128].map((from) => read(from).end), [64, 64, 64, 128, 128, 150])
  t.same([read(5).batch.messages, read(128).batch.messages], [59, 22])
})

t.test('of several channels too', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.join(['a', 'b']).audience)
  for (let i = 0; i < 100; i++) await publish(bus, i % 2 === 0 ? 'a' : 'b', i)
  await turn()
  t.same([0, 64].map((from) => read(from).end), [64, 100])
})

t.test('readers of one audience and transport share a page, others do not', async (t) => {
  const bus = createBus(t)
  const audience = bus.join(['a']).audience
  await published(bus, 'a', 3)
  const page = reader(bus, audience, longPoll)(0)
  t.equal(reader(bus, audience, longPoll)(0), page)
  t.not(reader(bus, audience, eventsource)(0), page)
  t.not(reader(bus, bus.join(['a', 'b']).audience, longPoll)(0), page)
  t.match(page.batch.body.toString(), /^\[\{"id":"\w+-1","channel":"a","data":1\},/)
})

t.test('a page that ended for want of more is read again once there is more', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.join(['a']).audience)
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
  const read = reader(bus, bus.join(['a']).audience)
  await published(bus, 'a', 10, 'x'.repeat(1000))
  const page = read(0, 3000)
  t.equal(page.end, 3)
  t.equal(read(0, 3000), page)
})

t.test('a stretch without messages leads to the position', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.join(['quiet']).audience)
  await published(bus, 'a', 70)
  t.match(read(0), { end: 70, batch: { messages: 0 } })
})

t.test('what is forgotten is read anew', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.join(['a']).audience)
  await published(bus, 'a', 3)
  const page = read(0)
  bus.pages.forget()
  const again = read(0)
  t.not(again, page)
  t.same(again.batch.body, page.batch.body)
})

t.test('it forgets by itself, every tick', async (t) => {
  const bus = createBus(t, { heartbeatInterval: 1 })
  const read = reader(bus, bus.join(['a']).audience)
  await published(bus, 'a', 3)
  const page = read(0)
  await until(() => read(0) !== page, 'the batch is encoded once more')
  t.pass()
})

t.test('past 4 MiB it lets go of everything', async (t) => {
  const bus = createBus(t, { maxMessageBytes: 1_000_000 })
  const read = reader(bus, bus.join(['a']).audience)
  await published(bus, 'a', 6, 'x'.repeat(900_000))
  const first = read(0, 1)
  for (const from of [1, 2, 3]) read(from, 1)
  t.equal(read(0, 1), first, 'not yet')
  read(4, 1)
  t.not(read(0, 1), first)
})

t.test('the answer to a poll is not cut at the end of a page', async (t) => {
  const bus = createBus(t)
  const read = reader(bus, bus.join(['a']).audience, longPoll)
  await published(bus, 'a', 150)
  t.same([read(5).end, read(5).batch.messages], [150, 145])
})

t.test('who comes after all others have left shares their page', async (t) => {
  const bus = createBus(t)
  await published(bus, 'a', 3)
  const seat = bus.join(['a'])
  const page = reader(bus, seat.audience)(0)
  seat.leave()
  t.equal(reader(bus, bus.join(['a']).audience)(0), page)
})
