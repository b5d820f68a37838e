import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Channel, type ChannelLimits } from '../../../lib/history/channel.ts'
import { type ReadOptions, readSlice } from '../../../lib/history/read.ts'
import { isGap, type LogItem, type Slice } from '../../../lib/history/slice.ts'
import { LIMITS, stored } from '../../fixtures/bus.ts'
import { property } from '../../fixtures/property.ts'

interface Shape {
  name?: string
  evicted?: number
  offsets: number[]
  bytes?: number
  slowConsumer?: ChannelLimits['slowConsumer']
}

function createChannel ({ name = 'chat', evicted = 0, offsets, bytes = 10, slowConsumer = 'resume' }: Shape): Channel {
  const channel = new Channel(name, { ...LIMITS, slowConsumer }, evicted)
  for (const offset of offsets) channel.retain(stored(channel, offset, bytes))
  return channel
}

type Options = Omit<ReadOptions, 'toCursor'>

function read (channels: Channel[], from: number, to: number, options: Options): Slice<LogItem> {
  return readSlice(channels, from, to, { ...options, toCursor: (offset) => `e-${offset}` })
}

/** Messages as their offset, gaps as their reason, offset and channels. */
function told ({ items }: Slice<LogItem>): (number | string)[] {
  return items.map((item) => isGap(item) ? `${item.reason} ${item.offset} ${item.channels.join()}` : item.offset)
}

t.test('reads what lies after one position and up to another', async (t) => {
  const slice = read([createChannel({ offsets: [1, 2, 3, 4] })], 1, 3, { budget: Infinity })
  t.same(told(slice), [2, 3])
  t.equal(slice.end, 3)
})

t.test('has nothing where the channels have nothing new', async (t) => {
  t.same(read([], 0, 9, { budget: 1 }), { items: [], end: 9, bytes: 0 })
  t.same(read([createChannel({ offsets: [1] })], 1, 9, { budget: 1 }), { items: [], end: 9, bytes: 0 })
})

t.test('merges channels in log order', async (t) => {
  const channels = [
    createChannel({ offsets: [1, 4, 5] }), createChannel({ offsets: [2, 6] }), createChannel({ offsets: [3] })
  ]
  t.same(told(read(channels, 0, 6, { budget: Infinity })), [1, 2, 3, 4, 5, 6])
})

t.test('has a gap at the last evicted message', async (t) => {
  const channels = [
    createChannel({ name: 'a', evicted: 3, offsets: [5] }), createChannel({ name: 'b', offsets: [2, 4] })
  ]
  t.same(told(read(channels, 1, 5, { budget: Infinity })), [2, 'evicted 3 a', 4, 5])
})

t.test('has no gap for a reader at the last evicted message, and one for a reader just before', async (t) => {
  const channel = createChannel({ name: 'a', evicted: 3, offsets: [5] })
  t.same(told(read([channel], 3, 5, { budget: Infinity })), [5])
  t.same(told(read([channel], 2, 5, { budget: Infinity })), ['evicted 3 a', 5])
})

t.test('tells a gap of a channel that holds nothing', async (t) => {
  t.same(
    told(read([createChannel({ name: 'a', evicted: 3, offsets: [] })], 0, 5, { budget: Infinity })), ['evicted 3 a']
  )
})

t.test('channels that were evicted up to the same offset share a gap, which no budget splits', async (t) => {
  const channels = [
    createChannel({ name: 'a', evicted: 3, offsets: [5] }),
    createChannel({ name: 'b', offsets: [2] }),
    createChannel({ name: 'c', evicted: 3, offsets: [] })
  ]
  t.same(told(read(channels, 0, 5, { budget: Infinity })), [2, 'evicted 3 a,c', 5])
  const first = read(channels, 0, 5, { budget: 1 })
  t.same(told(first), [2])
  t.equal(first.end, 2)
  const second = read(channels, first.end, 5, { budget: 1 })
  t.same(told(second), ['evicted 3 a,c', 5])
})

t.test('takes one message at least, then as many as fit', async (t) => {
  const channel = createChannel({ offsets: [1, 2, 5], bytes: 10 })
  t.same(told(read([channel], 0, 9, { budget: 1 })), [1])
  t.equal(read([channel], 0, 9, { budget: 1 }).end, 1)
  t.same(told(read([channel], 0, 9, { budget: 11 })), [1, 2])
  t.equal(read([channel], 0, 9, { budget: 11 }).end, 4)
  t.same(told(read([channel], 0, 9, { budget: 21 })), [1, 2, 5])
  t.equal(read([channel], 0, 9, { budget: 21 }).end, 9)
})

t.test('a channel with a floor starts there, without a gap for what is before', async (t) => {
  const late = createChannel({ name: 'late', evicted: 2, offsets: [3, 6] })
  const other = createChannel({ name: 'other', evicted: 1, offsets: [4] })
  const startOffsets = new Map([[late, 4]])
  t.same(told(read([late, other], 0, 9, { budget: Infinity, startOffsets })), ['evicted 1 other', 4, 6])
})

t.test('a reader that fell behind gets a gap and the newest of a channel for which the latest is enough', async (t) => {
  const latest = createChannel({ name: 'price', offsets: [1, 3, 5], slowConsumer: 'latest' })
  const other = createChannel({ name: 'chat', offsets: [2, 4] })
  t.same(told(read([latest, other], 0, 5, { budget: Infinity, isBehind: true })), [2, 'skipped 3 price', 4, 5])
  t.same(told(read([latest, other], 0, 5, { budget: Infinity })), [1, 2, 3, 4, 5])
})

t.test('of such a channel nothing is skipped when only one message is new', async (t) => {
  const latest = createChannel({ offsets: [1, 3, 5], slowConsumer: 'latest' })
  t.same(told(read([latest], 3, 5, { budget: Infinity, isBehind: true })), [5])
  t.same(told(read([latest], 5, 5, { budget: Infinity, isBehind: true })), [])
})

t.test('what was evicted and what is skipped make one gap', async (t) => {
  const latest = createChannel({ name: 'price', evicted: 2, offsets: [3, 5], slowConsumer: 'latest' })
  t.same(told(read([latest], 0, 5, { budget: Infinity, isBehind: true })), ['skipped 3 price', 5])
})

t.test('a gap for what is skipped is told even when more was published than may be read yet', async (t) => {
  const latest = createChannel({ name: 'price', offsets: [1, 2, 3, 4, 5], slowConsumer: 'latest' })
  const slice = read([latest], 0, 3, { budget: Infinity, isBehind: true })
  t.same(told(slice), ['skipped 2 price', 3])
})

interface Scene {
  channels: Channel[]
  from: number
  to: number
  budget: number
  isBehind: boolean
  startOffsets: Map<Channel, number>
}

// The messages of a sixth channel are gone with it; others may have taken their number from it.
const DROPPED = 5

/** Up to 60 messages over up to five channels; of each the first few are evicted. */
const scene: fc.Arbitrary<Scene> = fc.record({
  owners: fc.array(fc.nat(DROPPED), { maxLength: 60 }),
  evictions: fc.array(fc.nat(8), { minLength: 5, maxLength: 5 }),
  shares: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  latest: fc.array(fc.boolean(), { minLength: 5, maxLength: 5 }),
  startOffsets: fc.array(fc.option(fc.nat(60)), { minLength: 5, maxLength: 5 }),
  from: fc.nat(60),
  length: fc.nat(60),
  budget: fc.oneof(fc.integer({ min: 1, max: 100 }), fc.constant(Infinity)),
  isBehind: fc.boolean()
}).map(({ owners, evictions, shares, latest, startOffsets, from, length, budget, isBehind }) => {
  const channels = evictions.map((count, index) => {
    const offsets = owners.flatMap((owner, offset) => owner === index ? [offset + 1] : [])
    const held = offsets.slice(count)
    const dropped = owners.lastIndexOf(DROPPED) + 1
    const own = offsets[count - 1] ?? (count > 0 ? offsets.at(-1) ?? 0 : 0)
    const evicted = shares[index] === true && dropped < (held[0] ?? Infinity) ? Math.max(own, dropped) : own
    return createChannel({
      name: `${index}`,
      evicted,
      offsets: held,
      slowConsumer: latest[index] === true
        ? 'latest'
        : 'resume'
    })
  })
  const entries = channels.flatMap((channel, index): [Channel, number][] => typeof startOffsets[index] === 'number'
    ? [[channel, startOffsets[index]]]
    : [])
  return { channels, from, to: from + length, budget, isBehind, startOffsets: new Map(entries) }
})

/** What a reader must be told, found by filtering and sorting. */
function model ({ channels, from, to, isBehind, startOffsets }: Scene): { offset: number, text: number | string }[] {
  const items: { offset: number, text: number | string }[] = []
  const gaps = new Map<string, string[]>()
  for (const channel of channels) {
    const start = Math.max(from, startOffsets.get(channel) ?? 0)
    let offsets = Array.from({ length: channel.messages.length }, (_, index) => channel.messages.at(index)?.offset ??
      NaN)
    offsets = offsets.filter((offset) => offset > start && offset <= to)
    let gap = channel.evicted > start && channel.evicted <= to ? `evicted ${channel.evicted}` : undefined
    if (isBehind && channel.limits.slowConsumer === 'latest' && offsets.length > 1) {
      gap = `skipped ${offsets.at(-2)}`
      offsets = offsets.slice(-1)
    }
    if (gap !== undefined) gaps.set(gap, [...gaps.get(gap) ?? [], channel.name])
    items.push(...offsets.map((offset) => ({ offset, text: offset })))
  }
  for (const [gap, names] of gaps) items.push({ offset: Number(gap.split(' ')[1]), text: `${gap} ${names.join()}` })
  return items.sort((a, b) => a.offset - b.offset)
}

t.test('tells what a filter over all messages tells, in one slice', async (t) => {
  await property(t, scene, (scene) => {
    const slice = read(scene.channels, scene.from, scene.to, { ...scene, budget: Infinity })
    assert.deepEqual(told(slice), model(scene).map(({ text }) => text))
    assert.equal(slice.end, scene.to)
  })
})

t.test('tells the same in as many readings as the budget makes of it', async (t) => {
  await property(t, scene, (scene) => {
    const all: (number | string)[] = []
    // What was skipped is skipped as of one moment: a second slice would skip again.
    const options = { startOffsets: scene.startOffsets, isBehind: false }
    for (let position = scene.from, first = true; position < scene.to || first; first = false) {
      const slice = read(scene.channels, position, scene.to, { ...options, budget: scene.budget })
      const spent = slice.items.slice(0, -1).reduce((bytes, item) => bytes + (isGap(item) ? 0 : item.frameBytes), 0)
      assert.ok(spent < scene.budget || spent === 0, 'nothing but the last message goes over the budget')
      assert.ok(slice.end > position || scene.from === scene.to, 'it gets on')
      all.push(...told(slice))
      position = slice.end
    }
    assert.deepEqual(all, model({ ...scene, isBehind: false }).map(({ text }) => text))
  })
})
