import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Overlap, type Verdict } from '../../../../lib/client/delivery/overlap.ts'
import type { Frame } from '../../../../lib/protocol/wire.ts'
import { property } from '../../../fixtures/property.ts'

const message = (id: string, channel = 'a', more: { history?: true } = {}): Frame =>
  ({ id, channel, data: null, ...more })

const CONTROL: [title: string, frame: Frame, verdict: Verdict][] = [
  ['the opening', { type: 'open', cursor: '0', resumed: true, heartbeat: 1, poll: 1 }, 'new'],
  ['the end of a replay', { type: 'joined', channels: ['b'], cursor: '1' }, 'new'],
  ['history of a channel that joins', message('9', 'b', { history: true }), 'new'],
  ['a message of a channel that joins', message('9', 'b'), 'new'],
  ['a gap on a channel that joins', { type: 'gap', channels: ['b'], reason: 'evicted', cursor: '9' }, 'new'],
  ['the refusal of a channel that joins', { type: 'denied', channels: ['b'] }, 'new'],
  ['another message', message('9'), 'diverged'],
  ['a gap', { type: 'gap', channels: ['b', 'a'], reason: 'evicted', cursor: '9' }, 'diverged'],
  ['the refusal of a channel', { type: 'denied', channels: ['a'] }, 'diverged'],
  ['a heartbeat', { type: 'heartbeat', cursor: '9', time: 0 }, 'diverged']
]

for (const [title, frame, verdict] of CONTROL) {
  t.test(`before the repeats are over, ${title} is ${verdict}`, async (t) => {
    const overlap = new Overlap((channel) => channel === 'a')
    overlap.expect('1')
    t.equal(overlap.accept(frame), verdict)
    t.notOk(overlap.isOver())
    t.equal(overlap.accept(message('1')), 'repeat')
    t.ok(overlap.isOver())
  })

  t.test(`after the repeats, ${title} is new`, async (t) => {
    t.equal(new Overlap(() => true).accept(frame), 'new')
  })
}

/** What a carrier and its successor deliver of one sequence. `requested` and `adopted` are positions in it. */
function handOver (ids: readonly string[], requested: number, adopted: number, successor: readonly string[]) {
  const overlap = new Overlap(() => true)
  const delivered = ids.slice(0, adopted)
  delivered.slice(requested).forEach((id) => { overlap.expect(id) })
  for (const id of successor) {
    const verdict = overlap.accept(message(id))
    if (verdict === 'diverged') return { delivered, hasDiverged: true, isOver: overlap.isOver() }
    if (verdict === 'new') delivered.push(id)
  }
  return { delivered, hasDiverged: false, isOver: overlap.isOver() }
}

/** Distinct ids, and two positions in them, the first one not behind the second one. */
const split = fc.uniqueArray(fc.string({ minLength: 1 }), { maxLength: 30 }).chain((ids) => fc.record({
  ids: fc.constant(ids),
  positions: fc.tuple(fc.nat(ids.length), fc.nat(ids.length)).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
}))

t.test('wherever a successor is requested and adopted, each message is delivered once, in order', async (t) => {
  await property(t, split, ({ ids, positions: [requested, adopted] }) => {
    const { delivered, hasDiverged, isOver } = handOver(ids, requested, adopted, ids.slice(requested))
    assert.deepEqual({ delivered, hasDiverged, isOver }, { delivered: ids, hasDiverged: false, isOver: true })
  })
})

t.test('a successor that leaves out a message before it brings another one has diverged, and has delivered nothing', async (t) => {
  await property(t, fc.tuple(split, fc.nat()), ([{ ids, positions: [requested, adopted] }, seed]) => {
    fc.pre(adopted > requested)
    const leftOut = requested + seed % (adopted - requested)
    fc.pre(leftOut < ids.length - 1)
    const { delivered, hasDiverged } = handOver(ids, requested, adopted, ids.filter((_id, at) => at >= requested &&
      at !== leftOut))
    assert.deepEqual({ delivered, hasDiverged }, { delivered: ids.slice(0, adopted), hasDiverged: true })
  })
})

t.test('a successor that brings a message of its own among the repeats has diverged', async (t) => {
  await property(t, fc.tuple(split, fc.nat()), ([{ ids, positions: [requested, adopted] }, seed]) => {
    fc.pre(adopted > requested)
    const successor = ids.slice(requested)
    successor.splice(seed % (adopted - requested), 0, 'its own'.repeat(9))
    return handOver(ids, requested, adopted, successor).hasDiverged
  })
})
