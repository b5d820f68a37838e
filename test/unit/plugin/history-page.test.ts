import t from 'tap'
import type { Bus } from '../../../lib/bus/bus.ts'
import { type HistoryOptions, readHistory } from '../../../lib/plugin/history-page.ts'
import { createBus, publish, stopClock } from '../../fixtures/bus.ts'

/** Publishes 1, 2, 3… on a; messages of another channel lie in between. */
async function fill (bus: Bus, count: number): Promise<string[]> {
  const ids: string[] = []
  for (let i = 1; i <= count; i++) {
    ids.push(await publish(bus, 'a', i))
    await publish(bus, 'other', 0)
  }
  bus.flush()
  return ids
}

function page (bus: Bus, options: HistoryOptions = {}): [data: unknown[], gap: boolean, cursor: string] {
  const { messages, gap, cursor } = readHistory(bus, 'a', options)
  return [messages.map(({ data }) => data), gap, cursor]
}

t.test('all that is held, oldest first, up to now', async (t) => {
  const bus = createBus(t)
  const [first] = await fill(bus, 3)
  t.same(page(bus), [[1, 2, 3], false, bus.cursor])
  t.same(readHistory(bus, 'a', {}).messages[0], { id: first, channel: 'a', data: 1 })
})

t.test('the latest, so many', async (t) => {
  const bus = createBus(t)
  await fill(bus, 3)
  t.same(page(bus, { limit: 2 }), [[2, 3], false, bus.cursor])
  t.same(page(bus, { limit: 0 }), [[], false, bus.cursor])
  t.same(page(bus, { limit: 9 }), [[1, 2, 3], false, bus.cursor])
})

t.test('pages after a cursor, to the end', async (t) => {
  const bus = createBus(t)
  const [first, second, third] = await fill(bus, 4)
  t.same(page(bus, { after: first as string, limit: 2 }), [[2, 3], false, third])
  t.same(page(bus, { after: second as string, limit: 1 }), [[3], false, third])
  t.same(page(bus, { after: third as string, limit: 1 }), [[4], false, bus.cursor])
  t.same(page(bus, { after: bus.cursor }), [[], false, bus.cursor])
  t.same(page(bus, { after: first as string, limit: 0 }), [[], false, first])
})

t.test('from the earliest, without a gap', async (t) => {
  const bus = createBus(t, { historySize: 2 })
  const ids = await fill(bus, 3)
  t.same(page(bus, { after: 'earliest', limit: 1 }), [[2], false, ids[1]])
})

t.test('tells that something after the cursor is gone', async (t) => {
  const bus = createBus(t, { historySize: 2 })
  const [first, second] = await fill(bus, 4)
  t.same(page(bus, { after: first as string }), [[3, 4], true, bus.cursor])
  t.same(page(bus, { after: second as string }), [[3, 4], false, bus.cursor])
})

t.test('a foreign cursor is a gap', async (t) => {
  const bus = createBus(t)
  await fill(bus, 2)
  t.same(page(bus, { after: 'foreign-1' }), [[1, 2], true, bus.cursor])
})

t.test('has what was published in this turn', async (t) => {
  const bus = createBus(t)
  await publish(bus, 'a', 1)
  t.same(page(bus), [[1], false, bus.cursor])
})

t.test('has nothing that is too old', async (t) => {
  const pass = stopClock(t)
  const bus = createBus(t, { historyAge: 100 })
  await fill(bus, 1)
  pass(101)
  t.same(page(bus), [[], false, bus.cursor])
})

t.test('a channel without messages is empty, and is not made', async (t) => {
  const bus = createBus(t)
  t.same(page(bus), [[], false, bus.cursor])
  t.equal(bus.history.channels, 0)
})

t.test('refuses what is no channel, no cursor, no limit', async (t) => {
  const bus = createBus(t)
  t.throws(() => readHistory(bus, '', {}), { code: 'COMET_ERR_CHANNEL' })
  for (const after of ['', 'a b', 7, null]) {
    t.throws(() => readHistory(bus, 'a', { after: after as string }), { code: 'COMET_ERR_CURSOR' })
  }
  for (const limit of [-1, 1.5, NaN, '1', null]) {
    t.throws(() => readHistory(bus, 'a', { limit: limit as number }), { code: 'COMET_ERR_ARGUMENT' })
  }
})
