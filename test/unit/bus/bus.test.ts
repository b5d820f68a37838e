import assert from 'node:assert/strict'
import { channel as diagnosticsChannel } from 'node:diagnostics_channel'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Bus } from '../../../lib/bus/bus.ts'
import type { ChannelUser } from '../../../lib/history/channel.ts'
import { memoryLog } from '../../../lib/log/memory.ts'
import type { CometOptions } from '../../../lib/plugin/options.ts'
import { readSlice } from '../../../lib/history/read.ts'
import { isGap } from '../../../lib/history/slice.ts'
import { longPoll } from '../../../lib/transports/long-poll.ts'
import { FakeLog } from '../../fixtures/fake-log.ts'
import { createBus, Inbox, observer, parsed, publish, turn } from '../../fixtures/bus.ts'
import { until } from '../../fixtures/until.ts'
import { property } from '../../fixtures/property.ts'

t.test('gives each message an id that is a cursor of its log', async (t) => {
  const bus = createBus(t)
  const start = bus.cursor
  const id = await publish(bus, 'chat', 1)
  t.match(id, /^[A-Za-z0-9_-]{1,128}$/)
  t.not(id, start)
  t.equal(bus.cursor, id)
  t.equal(bus.toOffset(id), 1)
  t.equal(bus.toOffset(start), 0)
})

t.test('a cursor of another log, of none, or ahead of the log stands for no offset', async (t) => {
  const bus = createBus(t)
  const other = createBus(t)
  await publish(bus, 'chat', 1)
  const epoch = bus.cursor.split('-')[0] as string
  const odd = ['', '-', '-2', '-x', '-1-1', `-${'1'.repeat(17)}`].map((end) => epoch + end)
  for (const cursor of [other.cursor, 'earliest', ...odd, `-${epoch}-1`, '-1']) {
    t.equal(bus.toOffset(cursor), undefined, cursor)
  }
})

t.test('hands out all that is published in a turn at its end, in one batch', async (t) => {
  const bus = createBus(t)
  const inbox = new Inbox()
  bus.subscribe(['a', 'b']).audience.attach(inbox)
  for (let i = 1; i <= 20; i++) await publish(bus, i % 2 === 0 ? 'a' : 'b', i)
  t.equal(inbox.batches.length, 0)
  await turn()
  t.equal(inbox.batches.length, 1)
  t.same(inbox.data, Array.from({ length: 20 }, (_, index) => index + 1))
  t.equal(inbox.batches[0]?.messages, 20)
  t.same(inbox.positions, [20])
})

t.test('an audience gets what is published on its own channels', async (t) => {
  const bus = createBus(t)
  const inbox = new Inbox()
  bus.subscribe(['a']).audience.attach(inbox)
  await publish(bus, 'b', 1)
  bus.flush()
  t.equal(inbox.batches.length, 0)
  await publish(bus, 'a', 2)
  bus.flush()
  t.same(inbox.data, [2])
})

t.test('connections with the same channels, in whatever order, share an audience', async (t) => {
  const bus = createBus(t)
  const audience = bus.subscribe(['a', 'b']).audience
  t.equal(bus.subscribe(['b', 'a']).audience, audience)
  t.not(bus.subscribe(['a']).audience, audience)
  t.equal(audience.connections, 2)
})

t.test('an audience lasts as long as one of its connections', async (t) => {
  const bus = createBus(t)
  const [one, other] = [bus.subscribe(['a', 'b']), bus.subscribe(['a', 'b'])]
  one.leave()
  t.equal(bus.history.channels, 2)
  other.leave()
  t.equal(bus.history.channels, 0)
})

t.test('who joins is not given what was published before in the same turn', async (t) => {
  const bus = createBus(t)
  await publish(bus, 'a', 1)
  const inbox = new Inbox()
  bus.subscribe(['a']).audience.attach(inbox)
  await publish(bus, 'a', 2)
  await turn()
  t.same(inbox.data, [2])
})

t.test('a limit that throws leaves no audience behind', async (t) => {
  let broken = true
  const bus = createBus(t, {
    historySize (channel) {
      if (channel === 'b' && broken) throw new Error('no')
      return 10
    }
  })
  t.throws(() => bus.subscribe(['a', 'b']).audience, { message: 'no' })
  broken = false
  t.equal(bus.history.channel('a').users.size, 0)
})

t.test('a limit that throws refuses the message', async (t) => {
  const bus = createBus(t, { historySize: () => -1 })
  const inbox = new Inbox()
  t.throws(() => publish(bus, 'a', 1), { code: 'COMET_ERR_OPTION' })
  t.equal(bus.published, 0)
  t.same(inbox.data, [])
})

t.test('a key that is used again publishes nothing and gives the first id', async (t) => {
  const bus = createBus(t)
  const inbox = new Inbox()
  bus.subscribe(['a']).audience.attach(inbox)
  const first = await bus.publish('a', '1', 'k')
  const second = await bus.publish('a', '2', 'k')
  bus.flush()
  t.equal(second, first)
  t.same(inbox.data, [1])
  t.equal(bus.published, 1)
})

t.test('tells observers of what is published, with its bytes', async (t) => {
  const bus = createBus(t)
  const events: unknown[] = []
  const observer = (event: unknown): void => { events.push(event) }
  const published = diagnosticsChannel('fastify-comet:publish')
  published.subscribe(observer)
  t.teardown(() => published.unsubscribe(observer))
  const id = await bus.publish('a', '"ä"', 'k')
  await bus.publish('a', '"ä"', 'k')
  t.same(events, [{ id, channel: 'a', bytes: 4 }])
})

t.test('a publisher that floods one turn is held until its messages are handed out', async (t) => {
  const bus = createBus(t)
  const inbox = new Inbox()
  bus.subscribe(['a']).audience.attach(inbox)
  await publish(bus, 'a', 'x'.repeat(60_000))
  t.equal(inbox.batches.length, 0)
  await publish(bus, 'a', 'x'.repeat(10_000))
  t.equal(inbox.batches.length, 1)
})

t.test('a flood that nobody awaits is handed out within the turn', async (t) => {
  const bus = createBus(t)
  const inbox = new Inbox()
  bus.subscribe(['a']).audience.attach(inbox)
  for (let i = 0; i < 10; i++) bus.publish('a', JSON.stringify('x'.repeat(60_000)), undefined).catch(t.threw)
  t.equal(inbox.batches.length, 2)
  t.equal(inbox.data.length, 10)
})

t.test('a publisher who awaits lets the event loop turn, also with messages that are handed out at once', async (t) => {
  const bus = createBus(t)
  let turns = 0
  const count = (): void => {
    turns++
    immediate = setImmediate(count)
  }
  let immediate = setImmediate(count)
  for (let i = 0; i < 20; i++) await publish(bus, 'a', 'x'.repeat(300_000))
  clearImmediate(immediate)
  t.ok(turns >= 19, `${turns} turns`)
})

t.test('nor do two of them keep each other going within one turn', async (t) => {
  const bus = createBus(t)
  let turns = 0
  const count = (): void => {
    turns++
    immediate = setImmediate(count)
  }
  let immediate = setImmediate(count)
  const flood = async (bytes: number): Promise<void> => {
    for (let i = 0; i < 20; i++) await publish(bus, 'a', 'x'.repeat(bytes))
  }
  await Promise.all([flood(70_000), flood(300_000)])
  clearImmediate(immediate)
  t.ok(turns >= 19, `${turns} turns`)
})

t.test('a publisher is let go when the bus is closed', async (t) => {
  const bus = new Bus(memoryLog(), parsed())
  const promise = publish(bus, 'a', 'x'.repeat(70_000))
  await bus.close()
  t.match(await promise, /-1$/)
})

t.test('hands nothing out after it was closed', async (t) => {
  const bus = new Bus(memoryLog(), parsed())
  const inbox = new Inbox()
  bus.subscribe(['a']).audience.attach(inbox)
  await publish(bus, 'a', 1)
  await bus.close()
  await turn()
  t.same(inbox.data, [])
})

t.test('begins at the end of a log that has entries', async (t) => {
  const log = memoryLog()
  await log.append('a', '1', undefined)
  const bus = new Bus(log, parsed())
  t.teardown(() => bus.close())
  t.equal(bus.position, 1)
  t.equal(bus.toOffset(bus.cursor), 1)
})

t.test('lets nothing go before it was handed out, with a history of 0', async (t) => {
  const bus = createBus(t, { historySize: 0 })
  const inbox = new Inbox()
  bus.subscribe(['a']).audience.attach(inbox)
  for (let i = 1; i <= 3; i++) await publish(bus, 'a', i)
  bus.flush()
  t.same(inbox.data, [1, 2, 3])
  t.equal(bus.history.messages, 0)
})

/** Publishes further messages while it is being served. */
function echo (bus: Bus, times: number): { user: ChannelUser, served: number[] } {
  const served: number[] = []
  const user = {
    serve (from: number, to: number): void {
      const slice = readSlice([bus.history.channel('a')], from, to, { budget: Infinity, toCursor: bus.toCursor })
      for (const item of slice.items) {
        assert.ok(!isGap(item), 'nothing is missing')
        served.push(item.offset)
        if (item.offset < times) bus.publish('a', '1', undefined).catch(assert.fail)
      }
    },
    restart (): void {}
  }
  return { user, served }
}

t.test('what is published while it hands out comes with the next batch, and none is lost', async (t) => {
  const bus = createBus(t, { historySize: 0, historyBytes: 0 })
  const inbox = new Inbox()
  bus.subscribe(['a']).audience.attach(inbox)
  const { user, served } = echo(bus, 5)
  bus.attach('a', user)
  await publish(bus, 'a', 1)
  for (let i = 0; i < 5; i++) await turn()
  t.same(served, [1, 2, 3, 4, 5])
  t.equal(inbox.data.length, 5)
  t.same(inbox.frames.filter(({ type }) => type === 'gap'), [])
  t.equal(inbox.batches.length, 5)
})

t.test('a flush within a flush does nothing', async (t) => {
  const bus = createBus(t)
  let calls = 0
  bus.attach('a', {
    serve () {
      calls++
      bus.flush()
    },
    restart () {}
  })
  await publish(bus, 'a', 1)
  bus.flush()
  await turn()
  t.equal(calls, 1)
})

/** A bus that notes what its users throw. */
function createObservedBus (t: Test, given: CometOptions = {}): { bus: Bus, faults: unknown[] } {
  const faults: unknown[] = []
  const bus = new Bus(memoryLog(), parsed(given), observer((error) => { faults.push(error) }))
  t.teardown(() => bus.close())
  return { bus, faults }
}

/** A receiver that throws whatever is asked of it. */
class Broken extends Inbox {
  override deliver (): void { throw new Error('cannot deliver') }
  override restart (): void { throw new Error('cannot restart') }
  override fail (): void {
    super.fail()
    throw new Error('cannot fail')
  }
}

t.test('a user that throws takes nobody\'s messages away, and no publisher waits for ever', async (t) => {
  const { bus, faults } = createObservedBus(t)
  const inbox = new Inbox()
  bus.attach('a', { serve () { throw new Error('no') }, restart () {} })
  bus.subscribe(['a']).attach(inbox)
  const ids = [publish(bus, 'a', 'x'.repeat(70_000)), publish(bus, 'a', 2)]
  t.equal((await Promise.all(ids)).length, 2)
  t.equal(inbox.data.length, 2)
  await publish(bus, 'a', 3)
  await turn()
  t.equal(inbox.data.length, 3)
  t.match(faults, [{ message: 'no' }, { message: 'no' }])
})

t.test('a receiver that throws is ended, and those beside it in its audience get their batch', async (t) => {
  const { bus, faults } = createObservedBus(t)
  const [broken, inbox] = [new Broken(), new Inbox()]
  bus.subscribe(['a']).attach(broken)
  bus.subscribe(['a']).attach(inbox)
  for (const data of [1, 2]) {
    await publish(bus, 'a', data)
    bus.flush()
  }
  t.same(inbox.data, [1, 2])
  t.equal(broken.failures, 1)
  t.match(faults, [{ message: 'cannot deliver' }, { message: 'cannot fail' }])
})

t.test('a transport that throws ends its own receivers only', async (t) => {
  const { bus, faults } = createObservedBus(t)
  const [broken, inbox] = [new Inbox(), new Inbox()]
  Object.assign(broken, { transport: { ...longPoll, encode () { throw new Error('no') } } })
  bus.subscribe(['a']).attach(broken)
  bus.subscribe(['a']).attach(inbox)
  await publish(bus, 'a', 1)
  bus.flush()
  t.same([inbox.data, broken.failures], [[1], 1])
  t.match(faults, [{ message: 'no' }])
})

t.test('a receiver that throws where another epoch begins keeps nobody from being restarted', async (t) => {
  const faults: unknown[] = []
  const log = new FakeLog()
  const bus = new Bus(log, parsed(), observer((error) => { faults.push(error) }))
  t.teardown(() => bus.close())
  const [broken, inbox] = [new Broken(), new Inbox()]
  bus.attach('a', { serve () {}, restart () { throw new Error('no') } })
  bus.subscribe(['a']).attach(broken)
  bus.subscribe(['a']).attach(inbox)
  log.begin('two', 0)
  t.same([inbox.restarts, broken.failures], [1, 1])
  t.match(faults, [{ message: 'no' }, { message: 'cannot restart' }, { message: 'cannot fail' }])
  log.add('a', 1)
  bus.flush()
  t.same(inbox.data, [1])
})

t.test('what is published while a loss is told comes after it', async (t) => {
  const log = new FakeLog()
  const bus = new Bus(log, parsed())
  t.teardown(() => bus.close())
  const inbox = new Inbox()
  bus.attach('a', { serve (_from, to) { if (to === 5) log.add('a', 'x'.repeat(300_000)) }, restart () {} })
  bus.subscribe(['a']).attach(inbox)
  log.lose(5)
  await turn()
  t.same(inbox.frames.map(({ type }) => type), ['gap', undefined])
  t.same(inbox.positions, [5, 6])
})

t.test('a message that a limit refuses may be published again with its key', async (t) => {
  let broken = true
  const bus = createBus(t, { retain: () => { if (broken) throw new Error('no'); return false } })
  t.throws(() => bus.publish('a', '1', 'k'), { message: 'no' })
  broken = false
  const inbox = new Inbox()
  bus.subscribe(['a']).attach(inbox)
  const id = await bus.publish('a', '1', 'k')
  await turn()
  t.same([inbox.data, bus.cursor], [[1], id])
})

t.test('a limit that publishes does so before the message that made its channel', async (t) => {
  const nested: Promise<string>[] = []
  let isAsked = false
  const bus: Bus = createBus(t, {
    historySize (channel) {
      if (!isAsked) {
        isAsked = true
        nested.push(publish(bus, channel, 'nested'))
      }
      return 10
    }
  })
  const id = await publish(bus, 'a', 'outer')
  await turn()
  t.same([await Promise.all(nested), id], [[bus.toCursor(1)], bus.toCursor(2)])
  const page = readSlice([bus.history.channel('a')], 0, 2, { budget: Infinity, toCursor: bus.toCursor })
  t.same(page.items.map((item) => 'data' in item && item.data), ['"nested"', '"outer"'])
})

t.test('a key that is known leaves no channel behind', async (t) => {
  const bus = createBus(t, { historySize: 0 })
  await bus.publish('a', '1', 'k')
  bus.flush()
  await bus.publish('a', '1', 'k')
  t.equal(bus.history.channels, 0)
})

t.test('whoever uses several channels is served once a flush', async (t) => {
  const bus = createBus(t)
  const calls: [from: number, to: number][] = []
  const user = { serve (from: number, to: number): void { calls.push([from, to]) }, restart (): void {} }
  bus.attach('a', user)
  bus.attach('b', user)
  await publish(bus, 'a', 1)
  await publish(bus, 'b', 2)
  bus.flush()
  t.same(calls, [[0, 2]])
})

t.test('sweeps by itself', async (t) => {
  const bus = createBus(t, { historyAge: 50 })
  await publish(bus, 'a', 1)
  await until(() => bus.history.channels === 0, 'the channel is dropped')
  t.equal(bus.history.messages, 0)
})

type Step =
  | { type: 'publish', channel: string }
  | { type: 'flush' }
  | { type: 'turn' }
  | { type: 'join' | 'part', channels: string[] }

const channel = fc.constantFrom('a', 'b', 'c')
const channels = fc.uniqueArray(channel, { minLength: 1 })
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ type: fc.constant('publish' as const), channel }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('turn' as const) }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constantFrom('join' as const, 'part' as const), channels }) }
)

t.test('everybody gets what is published from his joining to his parting, in order, each once', async (t) => {
  await property(t, fc.tuple(fc.array(step, { maxLength: 60 }), fc.nat(3)), async ([steps, historySize]) => {
    const bus = new Bus(memoryLog(), parsed({ historySize }))
    const present: { channels: string[], inbox: Inbox, expected: number[], leave: () => void }[] = []
    const past: typeof present = []
    for (const [index, step] of steps.entries()) {
      if (step.type === 'publish') {
        await publish(bus, step.channel, index)
        for (const { channels, expected } of present) if (channels.includes(step.channel)) expected.push(index)
      } else if (step.type === 'join') {
        const inbox = new Inbox()
        const seat = bus.subscribe(step.channels)
        seat.attach(inbox)
        const leave = (): void => {
          bus.flush()
          seat.leave()
          seat.leave()
        }
        present.push({ channels: step.channels, inbox, expected: [], leave })
      } else if (step.type === 'part') {
        for (const one of present.splice(0, 1)) {
          one.leave()
          past.push(one)
        }
      } else if (step.type === 'flush') bus.flush()
      else await turn()
    }
    for (const one of present) one.leave()
    for (const { inbox, expected } of [...past, ...present]) {
      assert.deepEqual(inbox.data, expected)
      assert.equal(inbox.frames.length, expected.length, 'without a gap')
    }
    for (const channel of bus.history.all) assert.equal(channel.users.size, 0)
    await bus.close()
  }, { numRuns: 60 })
})
