import t from 'tap'
import { COLUMN_MS, Latencies } from '../../demo/ui/latencies.ts'

t.test('quantiles are null before the first message', async (t) => {
  t.same(new Latencies().quantiles(0, 0.5, 0.99), [null, null])
})

t.test('quantiles of what came in the last minute', async (t) => {
  const latencies = new Latencies()
  for (let i = 1; i <= 100; i++) latencies.add(i, 100_000)
  t.same(latencies.quantiles(100_001, 0.5, 0.99), [51, 100])
})

t.test('what is older than a minute counts no more', async (t) => {
  const latencies = new Latencies()
  latencies.add(900, 1000)
  latencies.add(3, 50_000)
  t.same(latencies.quantiles(62_000, 0.5, 0.99), [3, 3])
})

t.test('sorts as numbers, not as text', async (t) => {
  const latencies = new Latencies()
  for (const value of [100, 9, 20]) latencies.add(value, 0.1)
  t.same(latencies.quantiles(1, 0, 0.99), [9, 100])
})

t.test('holds a fixed number of messages, the newest', async (t) => {
  const latencies = new Latencies()
  for (let i = 0; i < 40_000; i++) latencies.add(i < 20_000 ? 500 : 2, 10)
  t.same(latencies.quantiles(11, 0.01, 0.99), [2, 2])
})

t.test('a step ends a column with its median and its worst', async (t) => {
  const latencies = new Latencies()
  for (const value of [5, 1, 3]) latencies.add(value, 1)
  const [seconds, medians, worsts] = latencies.step(COLUMN_MS)
  t.equal(seconds.length, 240)
  t.equal(seconds.at(-1), 0)
  t.equal(medians.at(-1), 3)
  t.equal(worsts.at(-1), 5)
})

t.test('a late step leaves empty columns for the time that passed', async (t) => {
  const latencies = new Latencies()
  latencies.step(COLUMN_MS)
  latencies.add(7, COLUMN_MS)
  latencies.step(2 * COLUMN_MS)
  const [, medians] = latencies.step(6 * COLUMN_MS)
  t.same(medians.slice(-5), [7, null, null, null, null])
})
