import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import type { Channel, StoredMessage } from '../../../lib/history/channel.ts'
import { History } from '../../../lib/history/history.ts'
import type { CometOptions } from '../../../lib/plugin/options.ts'
import { parsed, stopClock } from '../../fixtures/bus.ts'
import { property } from '../../fixtures/property.ts'

const CHANNEL_BYTES = 1024 + 4 * 'a'.length

function createHistory (options: CometOptions = {}): History {
  return new History(parsed(options))
}

/** Adds messages of the channel with these offsets, as if they had been handed out. */
function fill (history: History, name: string, offsets: number[], data = '1'): void {
  for (const offset of offsets) {
    history.add(name, offset, `e-${offset}`, data)
    history.served = Math.max(history.served, offset)
  }
}

function held (channel: Channel): StoredMessage[] {
  return Array.from({ length: channel.messages.length }, (_, index) => channel.messages.at(index) as StoredMessage)
}

function offsets (channel: Channel): number[] {
  return held(channel).map(({ offset }) => offset)
}

const user = { serve (): void {}, restart (): void {} }

t.test('keeps the newest messages of a channel, as many as are wanted', async (t) => {
  const history = createHistory({ historySize: 2 })
  fill(history, 'a', [1, 2, 4])
  fill(history, 'b', [3])
  history.trim([history.channel('a'), history.channel('b')])
  t.same(offsets(history.channel('a')), [2, 4])
  t.same(offsets(history.channel('b')), [3])
  t.equal(history.channel('a').evicted, 1)
  t.equal(history.channel('b').evicted, 0)
  t.equal(history.evicted, 1)
})

t.test('a size of 0 keeps nothing, and remembers how far it was', async (t) => {
  const history = createHistory({ historySize: 0 })
  fill(history, 'a', [1, 2])
  history.trim([history.channel('a')])
  t.equal(history.messages, 0)
  t.equal(history.channels, 0)
  t.equal(history.channel('a').evicted, 2)
})

t.test('limits may differ from channel to channel', async (t) => {
  const history = createHistory({ historySize: (channel) => channel === 'a' ? 1 : 3 })
  fill(history, 'a', [1, 2, 3])
  fill(history, 'b', [4, 5, 6, 7])
  history.trim([history.channel('a'), history.channel('b')])
  t.same(offsets(history.channel('a')), [3])
  t.same(offsets(history.channel('b')), [5, 6, 7])
})

t.test('keeps no more of a channel than its bytes allow', async (t) => {
  const history = createHistory({ channelBytes: 2500 })
  fill(history, 'a', [1, 2, 3], '1'.repeat(1000))
  history.trim([history.channel('a')])
  t.same(offsets(history.channel('a')), [2, 3])
  t.ok(history.channel('a').bytes <= 2500)
})

t.test('lets the oldest of all channels go when all hold too much', async (t) => {
  const history = createHistory({ historyBytes: 2 * CHANNEL_BYTES + 3 * 1232 })
  fill(history, 'a', [1, 4], '1'.repeat(1000))
  fill(history, 'b', [2, 3], '1'.repeat(1000))
  history.trim([history.channel('a')])
  t.same(offsets(history.channel('a')), [4])
  t.same(offsets(history.channel('b')), [2, 3])
})

t.test('a channel that loses its last message to others is forgotten, and with it what it cost', async (t) => {
  const history = createHistory({ historyBytes: CHANNEL_BYTES + 1232 })
  fill(history, 'a', [1], '1'.repeat(1000))
  fill(history, 'b', [2], '1'.repeat(1000))
  history.trim([history.channel('b')])
  t.equal(history.channels, 1)
  t.equal(history.bytes, CHANNEL_BYTES + 1232)
  t.equal(history.channel('a').evicted, 1)
})

t.test('channels that hold no messages count for nothing, however many there are', async (t) => {
  const history = createHistory({ historyBytes: CHANNEL_BYTES + 2 * 233 })
  for (let i = 0; i < 1000; i++) history.channel(`room:${i}`).users.add(user)
  fill(history, 'a', [1, 2])
  history.trim([history.channel('a')])
  t.same(offsets(history.channel('a')), [1, 2])
  t.equal(history.bytes, CHANNEL_BYTES + 2 * 233)
})

t.test('a channel in use that loses its last message counts no more', async (t) => {
  const history = createHistory({ historyBytes: 0 })
  history.channel('a').users.add(user)
  fill(history, 'a', [1])
  history.trim([history.channel('a')])
  t.same([history.messages, history.bytes, history.channels], [0, 0, 1])
  fill(history, 'a', [2])
  t.equal(history.bytes, CHANNEL_BYTES + 233)
})

t.test('text beyond ASCII counts two bytes a unit', async (t) => {
  const history = createHistory()
  const plain = history.add('a', 1, 'e-1', '"aaaa"')
  const other = history.add('a', 2, 'e-2', '"ääää"')
  t.equal(other.bytes - plain.bytes, 6)
})

t.test('messages that are too old leave when the history is swept', async (t) => {
  const pass = stopClock(t)
  const history = createHistory({ historyAge: 100 })
  fill(history, 'a', [1])
  pass(60)
  fill(history, 'a', [2])
  pass(40)
  history.sweep()
  t.same(offsets(history.channel('a')), [1, 2])
  pass(1)
  history.sweep()
  history.sweep()
  t.same(offsets(history.channel('a')), [2])
})

t.test('a sweep forgets the channels that nobody uses and that hold nothing', async (t) => {
  const history = createHistory()
  history.channel('a')
  history.channel('b').users.add(user)
  t.equal(history.channels, 2)
  history.sweep()
  t.equal(history.channels, 1)
})

t.test('many channels are swept in parts', async (t) => {
  const history = createHistory()
  for (let i = 0; i < 25_000; i++) history.channel(`room:${i}`)
  history.sweep()
  t.equal(history.channels, 15_000)
  history.sweep()
  history.sweep()
  t.equal(history.channels, 0)
  t.equal(history.bytes, 0)
})

t.test('many messages that are too old leave in parts, of one channel too', async (t) => {
  const pass = stopClock(t)
  const history = createHistory({ historyAge: 100, historySize: 1_000_000 })
  fill(history, 'a', Array.from({ length: 15_000 }, (_, i) => i + 1))
  fill(history, 'b', Array.from({ length: 1000 }, (_, i) => i + 15_001))
  pass(101)
  t.equal(history.sweep(), true)
  t.equal(history.messages, 6000)
  t.equal(history.sweep(), false)
  t.same([history.messages, history.channels], [0, 0])
  fill(history, 'a', Array.from({ length: 15_000 }, (_, i) => i + 20_001))
  pass(101)
  history.age([history.channel('a')])
  t.equal(history.messages, 5000)
})

t.test('a reader finds nothing too old, though no sweep has come yet', async (t) => {
  const pass = stopClock(t)
  const history = createHistory({ historyAge: 100 })
  fill(history, 'a', [1])
  pass(101)
  t.same(offsets(history.peek('a')), [])
  t.equal(history.peek('a').evicted, 1)
})

t.test('whoever joins ages the channels that he joins', async (t) => {
  const pass = stopClock(t)
  const history = createHistory({ historyAge: 100 })
  fill(history, 'a', [1])
  fill(history, 'b', [2])
  pass(101)
  history.age([history.channel('a')])
  t.equal(history.messages, 1)
})

t.test('looking at a channel that is not there makes none', async (t) => {
  const history = createHistory()
  t.same(offsets(history.peek('a')), [])
  t.equal(history.channels, 0)
})

t.test('a channel that comes back knows how far it was', async (t) => {
  const history = createHistory({ historySize: 0 })
  fill(history, 'a', [7])
  history.trim([history.channel('a')])
  t.equal(history.channels, 0)
  t.equal(history.peek('a').evicted, 7)
  t.equal(history.channel('a').evicted, 7)
})

t.test('a state-like channel keeps its newest message whatever its age', async (t) => {
  const pass = stopClock(t)
  const history = createHistory({ historyAge: 100, retain: (channel) => channel === 'state' })
  fill(history, 'state', [1, 2])
  fill(history, 'other', [3, 4])
  pass(1000)
  history.sweep()
  t.same(offsets(history.channel('state')), [2])
  t.same(offsets(history.channel('other')), [])
})

t.test('a state-like channel keeps it neither beyond its size nor beyond the bytes of all', async (t) => {
  const history = createHistory({ historySize: 0, retain: () => true })
  fill(history, 'state', [1])
  history.trim([history.channel('state')])
  t.equal(history.messages, 0)
})

t.test('a state-like channel keeps its newest message though others hold too much', async (t) => {
  const history = createHistory({ historyBytes: 3 * (CHANNEL_BYTES + 1232), retain: (channel) => channel === 's' })
  fill(history, 's', [1, 2], '1'.repeat(1000))
  for (let offset = 3; offset < 20; offset++) {
    fill(history, offset % 2 === 0 ? 'a' : 'b', [offset], '1'.repeat(1000))
    history.trim([])
  }
  t.same(offsets(history.channel('s')), [2])
  t.ok(history.bytes <= 3 * (CHANNEL_BYTES + 1232))
  fill(history, 's', [20], '1'.repeat(1000))
  t.same(offsets(history.channel('s')), [2, 20], 'which is kept no more once there is a newer one')
  history.trim([])
  t.same(offsets(history.channel('s')), [20])
})

t.test('state-like channels that alone hold too much lose their oldest', async (t) => {
  const history = createHistory({ historyBytes: 2 * (CHANNEL_BYTES + 1232), retain: () => true })
  for (const [index, name] of ['a', 'b', 'c'].entries()) fill(history, name, [index + 1], '1'.repeat(1000))
  history.trim([])
  t.same(['a', 'b', 'c'].map((name) => offsets(history.channel(name))), [[], [2], [3]])
  t.equal(history.channel('a').evicted, 1)
})

t.test('channels with the same limits share them, others do not', async (t) => {
  const history = createHistory({ retain: (channel) => channel === 'state' })
  t.equal(history.channel('a').limits, history.channel('b').limits)
  t.same([history.channel('state').limits.retain, history.channel('c').limits.retain], [true, false])
})

t.test('a new message of a state-like channel lets the older ones go in their time', async (t) => {
  const pass = stopClock(t)
  const history = createHistory({ historyAge: 100, retain: () => true })
  fill(history, 'state', [1])
  pass(1000)
  fill(history, 'state', [2])
  history.trim([history.channel('state')])
  t.same(offsets(history.channel('state')), [2])
})

t.test('nothing is let go that has not been handed out', async (t) => {
  const pass = stopClock(t)
  const history = createHistory({ historySize: 0, historyAge: 10, channelBytes: 0, historyBytes: 0 })
  history.add('a', 1, 'e-1', '1')
  pass(1000)
  history.trim([history.channel('a')])
  history.sweep()
  t.same(offsets(history.peek('a')), [1])
  history.served = 1
  history.trim([history.channel('a')])
  t.equal(history.messages, 0)
})

t.test('a channel that was made anew is not forgotten in place of its elder', async (t) => {
  const history = createHistory()
  const elder = history.channel('a')
  history.release(elder)
  const younger = history.channel('a')
  younger.users.add(user)
  history.release(elder)
  t.equal(history.channel('a'), younger)
})

type Step = { type: 'publish', name: string, size: number }
  | { type: 'flush' }
  | { type: 'pass', ms: number }
  | { type: 'sweep' }
  | { type: 'use', name: string }

const NAMES = ['a', 'b', 'c', 'd']
const name = fc.constantFrom(...NAMES)
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ type: fc.constant('publish' as const), name, size: fc.nat(3000) }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('flush' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('pass' as const), ms: fc.nat(80) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('sweep' as const) }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('use' as const), name }) }
)

const limits = fc.record({
  historySize: fc.nat(6),
  historyAge: fc.integer({ min: 1, max: 200 }),
  channelBytes: fc.nat(12_000),
  historyBytes: fc.nat(30_000)
})

t.test('after each flush all is within its limits, and no eviction is forgotten', async (t) => {
  const pass = stopClock(t)
  await property(t, fc.tuple(limits, fc.array(step, { maxLength: 80 })), ([limits, steps]) => {
    const history = createHistory({ ...limits, retain: (name) => name === 'd' })
    const published: { name: string, offset: number }[] = []
    let news = new Set<Channel>()
    const run: { [T in Step['type']]: (step: Extract<Step, { type: T }>) => void } = {
      publish ({ name, size }) {
        const offset = published.length + 1
        news.add(history.add(name, offset, `e-${offset}`, '1'.repeat(size)).channel)
        published.push({ name, offset })
      },
      flush () {
        history.served = published.length
        history.trim(news)
        news = new Set()
        check(history, published, limits)
      },
      pass ({ ms }) { pass(ms) },
      sweep () { history.sweep() },
      use ({ name }) {
        const channel = history.channel(name)
        if (!channel.users.delete(user)) channel.users.add(user)
        history.release(channel)
      }
    }
    for (const step of steps) run[step.type](step as never)
    run.flush({ type: 'flush' })
  }, { numRuns: 200 })
})

function check (
  history: History,
  published: { name: string, offset: number }[],
  limits: Required<Pick<CometOptions, 'channelBytes' | 'historyBytes'>> & { historySize: number, historyAge: number }
): void {
  const channels = NAMES.map((name) => history.peek(name))
  const messages = channels.flatMap(held)
  const bytes = messages.reduce((sum, message) => sum + message.bytes, 0)
  assert.equal(history.messages, messages.length)
  const holding = channels.filter((channel) => channel.messages.length > 0).length
  assert.equal(history.bytes, bytes + holding * CHANNEL_BYTES)
  assert.equal(history.evicted, published.length - messages.length)
  assert.ok(history.bytes <= limits.historyBytes || messages.length === 0, 'in all')
  for (const channel of channels) {
    const all = published.filter(({ name }) => name === channel.name).map(({ offset }) => offset)
    const kept = offsets(channel)
    assert.deepEqual(kept, all.slice(all.length - kept.length), 'the newest are kept')
    assert.ok(channel.evicted >= (all[all.length - kept.length - 1] ?? 0), 'evictions are remembered')
    assert.ok(channel.evicted < (kept[0] ?? Infinity), 'and no more than happened')
    assert.ok(kept.length <= limits.historySize && channel.bytes <= limits.channelBytes, 'of each channel')
    const old = held(channel).filter(({ time }) => time < performance.now() - limits.historyAge)
    assert.ok(old.length <= (channel.limits.retain ? 1 : 0), 'of their age')
  }
}
