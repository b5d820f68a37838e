import fc from 'fast-check'
import t from 'tap'
import { EvictionTable } from '../../../lib/history/eviction-table.ts'
import { property } from '../../fixtures/property.ts'

t.test('a name that was never noted has evicted nothing', async (t) => {
  t.equal(new EvictionTable().of('chat'), 0)
})

t.test('remembers how far a name had evicted', async (t) => {
  const evictions = new EvictionTable()
  evictions.note('chat', 7)
  t.equal(evictions.of('chat'), 7)
  t.equal(evictions.of('other'), 0)
})

t.test('keeps the largest offset of a name', async (t) => {
  const evictions = new EvictionTable()
  evictions.note('chat', 7)
  evictions.note('chat', 5)
  t.equal(evictions.of('chat'), 7)
})

t.test('holds offsets beyond 32 bits', async (t) => {
  const evictions = new EvictionTable()
  evictions.note('chat', Number.MAX_SAFE_INTEGER)
  t.equal(evictions.of('chat'), Number.MAX_SAFE_INTEGER)
})

t.test('never tells too little, however many names share the table', async (t) => {
  await property(t, fc.array(fc.tuple(fc.string({ unit: 'binary' }), fc.nat())), (notes) => {
    const evictions = new EvictionTable()
    for (const [name, offset] of notes) evictions.note(name, offset)
    return notes.every(([name, offset]) => evictions.of(name) >= offset)
  })
  const evictions = new EvictionTable()
  for (let i = 1; i <= 100_000; i++) evictions.note(`room:${i}`, i)
  let lowest = Infinity
  for (let i = 1; i <= 100_000; i++) lowest = Math.min(lowest, evictions.of(`room:${i}`) - i)
  t.equal(lowest, 0)
})

t.test('spreads names over the table, so that few take a gap from a neighbour', async (t) => {
  const evictions = new EvictionTable()
  for (let i = 0; i < 1000; i++) evictions.note(`room:${i}`, 1)
  let disturbed = 0
  for (let i = 0; i < 1000; i++) disturbed += evictions.of(`user:${i}`)
  t.ok(disturbed < 50, `${disturbed} of 1000 names share a slot with one of 1000 others`)
})
