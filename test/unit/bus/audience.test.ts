import t from 'tap'
import { Audience } from '../../../lib/bus/audience.ts'
import type { Batch } from '../../../lib/transports/batch.ts'
import { Rounds } from '../../../lib/bus/rounds.ts'
import { eventsource } from '../../../lib/transports/eventsource.ts'
import { createBus, Inbox, publish } from '../../fixtures/bus.ts'

t.test('receivers of one transport get the same bytes', async (t) => {
  const bus = createBus(t)
  const audience = bus.subscribe(['a']).audience
  const [one, other] = [new Inbox(), new Inbox()]
  audience.attach(one)
  audience.attach(other)
  await publish(bus, 'a', 1)
  bus.flush()
  t.equal(one.batches.length, 1)
  t.equal(one.batches[0], other.batches[0])
})

t.test('each transport gets its own bytes', async (t) => {
  const bus = createBus(t)
  const audience = bus.subscribe(['a']).audience
  const inbox = new Inbox()
  const batches: Batch[] = []
  audience.attach(inbox)
  audience.attach({ transport: eventsource, deliver (batch) { batches.push(batch) }, restart () {}, fail () {} })
  const id = await publish(bus, 'a', 1)
  bus.flush()
  t.equal(inbox.batches[0]?.body.toString(), `[{"id":"${id}","channel":"a","data":1}]`)
  t.equal(batches[0]?.body.toString(), `id: ${id}\ndata: {"id":"${id}","channel":"a","data":1}\n\n`)
})

t.test('who has left gets nothing, and may leave again', async (t) => {
  const bus = createBus(t)
  const audience = bus.subscribe(['a']).audience
  const [one, other] = [new Inbox(), new Inbox()]
  audience.detach(one)
  audience.attach(one)
  audience.attach(other)
  audience.detach(one)
  audience.detach(one)
  await publish(bus, 'a', 1)
  bus.flush()
  t.same(one.data, [])
  t.same(other.data, [1])
})

t.test('who leaves while others are being served gets no more', async (t) => {
  const bus = createBus(t)
  const audience = bus.subscribe(['a']).audience
  const other = new Inbox()
  audience.attach({ transport: other.transport, deliver () { audience.detach(other) }, restart () {}, fail () {} })
  audience.attach(other)
  await publish(bus, 'a', 1)
  bus.flush()
  t.same(other.data, [])
})

t.test('much news comes in several batches, each with its position', async (t) => {
  const bus = createBus(t, { maxMessageBytes: 1_000_000 })
  const audience = bus.subscribe(['a']).audience
  const inbox = new Inbox()
  audience.attach(inbox)
  for (let i = 0; i < 4; i++) bus.history.add('a', i + 1, bus.toCursor(i + 1), JSON.stringify('x'.repeat(200_000)))
  audience.serve(0, 4)
  t.same(inbox.batches.map(({ messages }) => messages), [2, 2])
  t.same(inbox.positions, [2, 4])
})

t.test('stops reading when nobody is left to serve', async (t) => {
  const bus = createBus(t)
  const audience = bus.subscribe(['a']).audience
  let batches = 0
  const receiver = {
    transport: eventsource,
    deliver () {
      batches++
      audience.detach(receiver)
    },
    restart () {},
    fail () {}
  }
  audience.attach(receiver)
  for (let i = 0; i < 4; i++) bus.history.add('a', i + 1, bus.toCursor(i + 1), JSON.stringify('x'.repeat(200_000)))
  audience.serve(0, 4)
  t.equal(batches, 1)
})

t.test('tells a gap where the history let something go', async (t) => {
  const bus = createBus(t)
  const channel = bus.history.channel('a')
  channel.evicted = 3
  const { batches, toCursor } = bus
  const audience = new Audience('a', [channel], { batches, rounds: new Rounds(t.threw), toCursor })
  const inbox = new Inbox()
  audience.attach(inbox)
  audience.serve(0, 3)
  t.same(inbox.frames, [{ type: 'gap', channels: ['a'], reason: 'evicted', cursor: bus.toCursor(3) }])
  t.same([inbox.batches[0]?.messages, inbox.batches[0]?.gaps], [0, 1])
})

t.test('knows when it was last served', async (t) => {
  const bus = createBus(t)
  const audience = bus.subscribe(['a']).audience
  t.equal(audience.servedAt, 0)
  await publish(bus, 'a', 1)
  bus.flush()
  t.ok(audience.servedAt > 0 && audience.servedAt <= performance.now())
})
