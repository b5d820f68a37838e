import assert from 'node:assert/strict'
import fc from 'fast-check'
import t, { type Test } from 'tap'
import { Bus } from '../../../../lib/bus/bus.ts'
import type { Channel } from '../../../../lib/history/channel.ts'
import { memoryLog } from '../../../../lib/log/memory.ts'
import type { CometOptions } from '../../../../lib/plugin/options.ts'
import type { Frame } from '../../../../lib/protocol/wire.ts'
import { encode } from '../../../../lib/bus/encode.ts'
import type { Start } from '../../../../lib/bus/subscription/replay-plan.ts'
import { Subscription } from '../../../../lib/bus/subscription/subscription.ts'
import type { WireFrame } from '../../../../lib/transports/frames.ts'
import { eventsource } from '../../../../lib/transports/eventsource.ts'
import { createBus, framesOf, parsed, publish } from '../../../fixtures/bus.ts'
import { FakeLog } from '../../../fixtures/fake-log.ts'
import { property } from '../../../fixtures/property.ts'

function subscribe (bus: Bus, channels: string[], start: Partial<Start> = {}, maxJoinBytes = Infinity): Subscription {
  const complete = { history: new Map(), join: new Set<string>(), ...start }
  return new Subscription(bus, bus.subscribe(channels).audience.channels, complete, maxJoinBytes)
}

/** A bus whose log may begin another epoch. */
function createFakeBus (t: Test): { bus: Bus, log: FakeLog } {
  const log = new FakeLog()
  const bus = new Bus(log, parsed())
  t.teardown(() => bus.close())
  return { bus, log }
}

async function publishAll (bus: Bus, ...channels: string[]): Promise<void> {
  for (const channel of channels) await publish(bus, channel, `${channel} ${bus.published + 1}`)
  bus.flush()
}

/** A frame in short: messages as their data, other frames with the position that they lead to. */
function short (bus: Bus, { json }: WireFrame): string {
  const frame = JSON.parse(json) as Frame
  if (frame.type === undefined) return `${String(frame.data)}${frame.history === true ? ' history' : ''}`
  const channels = 'channels' in frame ? ` ${frame.channels.join()}` : ''
  const cursor = 'cursor' in frame ? ` ${bus.toOffset(frame.cursor) ?? frame.cursor}` : ''
  return `${frame.type}${'reason' in frame ? ` ${frame.reason}` : ''}${channels}${cursor}`
}

function told (bus: Bus, subscription: Subscription, budget = Infinity): string[] {
  return framesOf(subscription.next(budget)).map((frame) => short(bus, frame))
}

t.test('without a cursor begins now', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a')
  const subscription = subscribe(bus, ['a'])
  t.equal(subscription.resumed, false)
  t.equal(bus.toOffset(subscription.cursor), 1)
  t.equal(subscription.isLive, true)
  t.same(told(bus, subscription), [])
})

t.test('with a cursor continues there', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a', 'b', 'a', 'c')
  const subscription = subscribe(bus, ['a', 'b'], { cursor: bus.toCursor(1) })
  t.equal(subscription.resumed, true)
  t.equal(subscription.isLive, false)
  t.same(told(bus, subscription), ['b 2', 'a 3'])
  t.equal(subscription.isLive, true)
})

t.test('a gap is told where it is, with its position', async (t) => {
  const bus = createBus(t, { historySize: 1 })
  await publishAll(bus, 'a', 'b', 'a', 'a', 'b')
  const first = subscribe(bus, ['a', 'b'], { cursor: bus.toCursor(1) })
  t.same(told(bus, first), ['gap evicted b 2', 'gap evicted a 3', 'a 4', 'b 5'])
  t.same(told(bus, subscribe(bus, ['a', 'b'], { cursor: bus.toCursor(2) })), ['gap evicted a 3', 'a 4', 'b 5'])
  t.same(told(bus, subscribe(bus, ['a', 'b'], { cursor: bus.toCursor(3) })), ['a 4', 'b 5'])
})

t.test('with "earliest" begins at the oldest message held, without a gap', async (t) => {
  const bus = createBus(t, { historySize: 2 })
  await publishAll(bus, 'a', 'a', 'a', 'b')
  const subscription = subscribe(bus, ['a', 'b'], { cursor: 'earliest' })
  t.equal(subscription.resumed, false)
  t.equal(bus.toOffset(subscription.cursor), 1)
  t.same(told(bus, subscription), ['a 2', 'a 3', 'b 4'])
})

t.test('"earliest" where nothing is held is now', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'other')
  const subscription = subscribe(bus, ['a'], { cursor: 'earliest' })
  t.equal(bus.toOffset(subscription.cursor), 1)
  t.equal(subscription.isLive, true)
})

t.test('a cursor of another epoch is a gap on all channels, then comes what is held', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'c', 'a', 'b')
  const subscription = subscribe(bus, ['a', 'b'], { cursor: 'foreign-7' })
  t.equal(subscription.resumed, false)
  t.equal(subscription.cursor, 'foreign-7')
  const slice = subscription.next(Infinity)
  t.same(framesOf(slice).map((frame) => short(bus, frame)), ['gap restarted a,b 1', 'a 2', 'b 3'])
  const { messages, gaps } = encode(slice, eventsource)
  t.same([messages, gaps], [2, 1])
})

t.test('with history replays the latest messages of each channel, in log order', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a', 'a', 'b', 'a', 'b', 'c', 'c')
  const subscription = subscribe(bus, ['a', 'b', 'c'], { history: new Map([['a', 2], ['b', 1]]) })
  t.equal(bus.toOffset(subscription.cursor), 1)
  t.same(told(bus, subscription), ['a 2', 'a 4', 'b 5'])
})

t.test('history of more than is held is all that is held, without a gap', async (t) => {
  const bus = createBus(t, { historySize: 2 })
  await publishAll(bus, 'a', 'a', 'a')
  t.same(told(bus, subscribe(bus, ['a'], { history: new Map([['a', 1000]]) })), ['a 2', 'a 3'])
})

t.test('history cut right after its open frame loses nothing', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a', 'b', 'a')
  const { cursor } = subscribe(bus, ['a', 'b'], { history: new Map([['a', 1], ['b', 1]]) })
  t.same(told(bus, subscribe(bus, ['a', 'b'], { cursor })), ['b 2', 'a 3'])
})

t.test('joining channels come with their history, then the others with what they missed, then all live', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'new', 'old', 'new', 'old', 'new')
  const start = { cursor: bus.toCursor(2), join: new Set(['new']), history: new Map([['new', 2]]) }
  const subscription = subscribe(bus, ['old', 'new'], start)
  t.equal(bus.toOffset(subscription.cursor), 2)
  await publishAll(bus, 'new', 'old')
  t.same(told(bus, subscription), ['new 3 history', 'new 5 history', 'old 4', 'joined new 5', 'new 6', 'old 7'])
  t.equal(subscription.isLive, true)
})

t.test('nothing before "joined" is a position that a browser would resume at', async (t) => {
  const bus = createBus(t, { historySize: 2 })
  await publishAll(bus, 'new', 'old', 'old', 'old', 'new')
  const start = { cursor: bus.toCursor(1), join: new Set(['new']), history: new Map([['new', 2]]) }
  const subscription = subscribe(bus, ['old', 'new'], start)
  subscription.introduce([{ type: 'open', cursor: subscription.cursor, resumed: true, heartbeat: 1, poll: 1 }])
  const frames = framesOf(subscription.next(Infinity))
  t.same(frames.filter(({ id }) => id !== undefined).map((frame) => short(bus, frame)), ['joined new 5'])
})

t.test('a client that is new altogether may join all its channels', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a')
  const start = { cursor: 'foreign-1', join: new Set(['a']), history: new Map([['a', 5]]) }
  const subscription = subscribe(bus, ['a'], start)
  t.same(told(bus, subscription), ['a 1 history', 'joined a 1'])
})

t.test('joining history is bounded in bytes, and the newest stays', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a', 'b', 'a', 'b')
  const frameBytes = bus.history.channel('a').messages.at(0)?.frameBytes ?? 0
  const start = { cursor: bus.toCursor(4), join: new Set(['a', 'b']), history: new Map([['a', 2], ['b', 2]]) }
  t.same(
    told(bus, subscribe(bus, ['a', 'b'], start, 3 * frameBytes)),
    ['b 2 history', 'a 3 history', 'b 4 history', 'joined a,b 4']
  )
  t.same(
    told(bus, subscribe(bus, ['a', 'b'], start, 3 * frameBytes - 1)),
    ['a 3 history', 'b 4 history', 'joined a,b 4']
  )
  t.same(told(bus, subscribe(bus, ['a', 'b'], start, 0)), ['joined a,b 4'])
})

t.test('a gap in joining history leaves the client where it was', async (t) => {
  const bus = createBus(t, { historySize: 3 })
  await publishAll(bus, 'new', 'new', 'new')
  const start = { cursor: bus.toCursor(1), join: new Set(['new']), history: new Map([['new', 3]]) }
  const subscription = subscribe(bus, ['old', 'new'], start)
  t.same(told(bus, subscription, 1), ['new 1 history'])
  await publishAll(bus, 'new', 'new')
  t.same(told(bus, subscription), ['gap evicted new 1', 'new 3 history', 'joined new 3', 'new 4', 'new 5'])
})

t.test('what is told stands before the next message', async (t) => {
  const bus = createBus(t)
  const subscription = subscribe(bus, ['a'])
  subscription.announce({ type: 'denied', channels: ['b'] })
  t.equal(subscription.isLive, false)
  await publishAll(bus, 'a')
  t.same(told(bus, subscription), ['denied b', 'a 1'])
})

t.test('what introduces it stands before what is told', async (t) => {
  const bus = createBus(t)
  const subscription = subscribe(bus, ['a'], { cursor: 'foreign-1' })
  subscription.introduce([{ type: 'denied', channels: ['b'] }])
  t.same(told(bus, subscription), ['denied b', 'gap restarted a 0'])
})

t.test('where another epoch begins, goes on from its beginning, and says so', async (t) => {
  const { bus, log } = createFakeBus(t)
  const subscription = subscribe(bus, ['a', 'b'])
  log.begin('two', 7)
  t.equal(subscription.isLive, false)
  const slice = subscription.next(Infinity)
  t.same(framesOf(slice).map((frame) => [short(bus, frame), frame.id]), [['gap restarted a,b 7', 'two-7']])
  t.equal(encode(slice, eventsource).gaps, 1)
  t.equal(subscription.isLive, true)
})

t.test('where another epoch begins amid a join, the join is over, and moves a browser only at its end', async (t) => {
  const { bus, log } = createFakeBus(t)
  for (const channel of ['old', 'new', 'old']) log.add(channel, 'gone')
  const start = { cursor: bus.toCursor(1), join: new Set(['new']), history: new Map([['new', 1]]) }
  const subscription = subscribe(bus, ['old', 'new'], start)
  log.begin('two', 7)
  const slice = subscription.next(Infinity)
  t.same(framesOf(slice).map((frame) => [short(bus, frame), frame.id]), [
    ['gap restarted old,new 7', undefined],
    ['joined new 7', 'two-7']
  ])
  t.equal(encode(slice, eventsource).gaps, 1)
  t.equal(subscription.isLive, true)
})

t.test('goes on without the channels that are taken from it', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a', 'b', 'new', 'c')
  const start = { cursor: bus.toCursor(0), join: new Set(['new', 'c']), history: new Map([['new', 1], ['c', 1]]) }
  const subscription = subscribe(bus, ['a', 'b', 'new', 'c'], start)
  subscription.restrict([bus.history.channel('a'), bus.history.channel('c')])
  await publishAll(bus, 'a', 'b', 'new', 'c')
  t.same(told(bus, subscription), ['c 4 history', 'a 1', 'joined c 4', 'a 5', 'c 8'])
})

t.test('was in step up to where it is moved', async (t) => {
  const bus = createBus(t)
  const subscription = subscribe(bus, ['a'])
  await publishAll(bus, 'a', 'a')
  subscription.moveTo(1)
  t.same(told(bus, subscription), ['a 2'])
})

t.test('reads the history in batches that others receive too', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a', 'a', 'a')
  const audience = bus.subscribe(['a']).audience
  const start = { cursor: bus.toCursor(1) }
  const [one, other] = [subscribe(bus, ['a'], start), subscribe(bus, ['a'], start)]
  t.same(one.opening(1000).items, [])
  const batch = one.nextShared(audience, eventsource, 1000)
  t.equal(batch?.messages, 2)
  t.equal(other.nextShared(audience, eventsource, 1000), batch)
  t.equal(one.isLive && other.isLive, true)
})

t.test('shares no batch where what comes next is its own', async (t) => {
  const bus = createBus(t)
  await publishAll(bus, 'a', 'b', 'b')
  const audience = bus.subscribe(['a', 'b']).audience
  const withHistory = subscribe(bus, ['a', 'b'], { history: new Map([['a', 1]]) })
  t.equal(withHistory.nextShared(audience, eventsource, 1000), undefined)
  t.same(framesOf(withHistory.opening(1000)).map((frame) => short(bus, frame)), ['a 1'])
  const announcing = subscribe(bus, ['a', 'b'], { cursor: bus.toCursor(1) })
  announcing.announce({ type: 'denied', channels: ['c'] })
  t.equal(announcing.nextShared(audience, eventsource, 1000), undefined)
  t.equal(announcing.opening(1000).items.length, 1)
})

/** A client by the protocol's rules: one position, joining history kept back until `joined`. */
class Client {
  position: string
  joined: boolean
  readonly delivered = new Map<string, number[]>()
  readonly gaps = new Map<string, number>()
  #held: number[] = []

  constructor (position: string, joined: boolean) {
    this.position = position
    this.joined = joined
  }

  /** What it asks for when it connects. */
  start (history: number): Partial<Start> {
    this.#held = []
    const join = this.joined ? {} : { join: new Set(['new']), history: new Map([['new', history]]) }
    return { cursor: this.position, ...join }
  }

  take ({ json }: WireFrame): void {
    const frame = JSON.parse(json) as Frame
    if (frame.type === undefined) {
      const offset = offsetOf(frame.id)
      if (frame.history === true) this.#held.push(offset)
      else this.#deliver(frame.channel, offset)
      if (frame.history !== true) this.position = frame.id
      return
    }
    if (frame.type === 'joined') {
      this.joined = true
      for (const offset of this.#held) this.#deliver('new', offset)
    }
    if (frame.type === 'gap') {
      const offset = offsetOf(frame.cursor)
      for (const channel of frame.channels) this.gaps.set(channel, Math.max(this.gaps.get(channel) ?? 0, offset))
    }
    if ('cursor' in frame) this.position = frame.cursor
  }

  #deliver (channel: string, offset: number): void {
    const offsets = this.delivered.get(channel) ?? []
    assert.ok(offset > (offsets.at(-1) ?? 0), `${channel} in order, each once`)
    this.delivered.set(channel, [...offsets, offset])
  }
}

function offsetOf (cursor: string): number {
  return Number(cursor.slice(cursor.lastIndexOf('-') + 1))
}

interface Visit { before: number[], frames: number, budget: number, during: number[] }

const CHANNELS = ['a', 'b', 'new'] as const
const published = fc.array(fc.nat(2), { maxLength: 8 })
const visit: fc.Arbitrary<Visit> = fc.record({
  before: published,
  frames: fc.nat(12),
  budget: fc.integer({ min: 1, max: 400 }),
  during: published
})
const visits = fc.array(visit, { maxLength: 6 })
const historySizes = fc.constantFrom(0, 1, 2, 5, 1000)
const LAST: Visit = { before: [], frames: Infinity, budget: Infinity, during: [] }

async function scenario (options: CometOptions, visits: Visit[], history: number, joins: boolean): Promise<void> {
  const bus = new Bus(memoryLog(), parsed(options))
  const log: Record<string, number[]> = { a: [], b: [], new: [] }
  const run = async (channels: number[]): Promise<void> => {
    for (const index of channels) {
      const channel = CHANNELS[index] as string
      log[channel]?.push(offsetOf(await publish(bus, channel, 1)))
    }
    bus.flush()
  }
  const client = new Client(bus.cursor, !joins)
  const channels: Channel[] = bus.subscribe([...CHANNELS]).audience.channels.slice()
  let joinedAt = joins ? Infinity : 0
  for (const { before, frames, budget, during } of [...visits, LAST]) {
    await run(before)
    const start = { history: new Map(), join: new Set<string>(), ...client.start(history) }
    const subscription = new Subscription(bus, channels, start, Infinity)
    const pending: WireFrame[] = framesOf(subscription.next(budget))
    await run(during)
    for (let taken = 0; taken < frames && (pending.length > 0 || !subscription.isLive); taken++) {
      if (pending.length === 0) pending.push(...framesOf(subscription.next(budget)))
      const frame = pending.shift()
      if (frame === undefined) continue
      client.take(frame)
      if (client.joined && joinedAt === Infinity) joinedAt = offsetOf(client.position)
    }
  }
  for (const channel of CHANNELS) {
    const due = (log[channel] as number[]).filter((offset) => channel !== 'new' || offset > joinedAt)
    const missing = due.filter((offset) => client.delivered.get(channel)?.includes(offset) !== true)
    const gap = client.gaps.get(channel) ?? 0
    assert.ok(missing.every((offset) => offset <= gap), `${channel} misses ${missing.join()}, without a gap`)
  }
  await bus.close()
}

t.test('whatever is cut and evicted, a client misses nothing that it is not told of', async (t) => {
  await property(t, fc.tuple(visits, historySizes), async ([visits, historySize]) => {
    await scenario({ historySize }, visits, 0, false)
  }, { numRuns: 300 })
})

t.test('nor does one that joins a channel, wherever its joining is cut', async (t) => {
  await property(t, fc.tuple(visits, historySizes, fc.nat(5)), async ([visits, historySize, history]) => {
    await scenario({ historySize }, visits, history, true)
  }, { numRuns: 300 })
})
