import t from 'tap'
import { Channel } from '../../../../lib/history/channel.ts'
import { asReceived, joined, liveAfter, liveFrom, narrow } from '../../../../lib/bus/subscription/segments.ts'
import { framesOf, LIMITS, stored } from '../../../fixtures/bus.ts'

function channel (name: string, offsets: readonly number[], evicted = 0): Channel {
  const channel = new Channel(name, LIMITS, evicted)
  for (const offset of offsets) channel.retain(stored(channel, offset))
  return channel
}

const a = channel('a', [3, 6])
const b = channel('b', [4])

t.test('a live segment has no end', async (t) => {
  t.same(liveFrom([a], 5), { kind: 'live', channels: [a], from: 5, to: Infinity })
})

t.test('after start offsets it begins before the first message that any channel has after its own', async (t) => {
  const segment = liveAfter(new Map([[a, 3], [b, 0]]), 9)
  t.equal(segment.from, 3)
  t.equal(segment.startOffsets, undefined, 'no start offset is ahead of the position')
  t.same([...liveAfter(new Map([[a, 5], [b, 0]]), 9).startOffsets ?? []], [[a, 5]])
})

t.test('with nothing after the start offsets it begins now', async (t) => {
  t.equal(liveAfter(new Map([[a, 6], [b, 4]]), 9).from, 9)
})

t.test('it is narrowed to the channels that are left, also those that join at its end', async (t) => {
  t.same(narrow(liveFrom([a, b], 0), [b]).channels, [b])
  t.same(narrow({ kind: 'missed', channels: [a], from: 0, to: 9, joining: [a, b] }, [b]), {
    kind: 'missed', channels: [], from: 0, to: 9, joining: [b]
  })
})

t.test('what a subscriber receives depends on the segment', async (t) => {
  const gap = { offset: 2, cursor: 'e-2', reason: 'evicted' as const, channels: ['a'] }
  const message = stored(a, 3)
  const shown = (kind: 'history' | 'missed' | 'live'): unknown[] => {
    const frames = framesOf({ items: asReceived([gap, message], { ...liveFrom([a], 0), kind }, 'own') })
    return frames.map(({ json, id }) => {
      const { cursor, history } = JSON.parse(json) as { cursor?: string, history?: true }
      return [id, cursor, history]
    })
  }
  t.same(shown('live'), [['e-2', 'e-2', undefined], ['e-3', undefined, undefined]])
  t.same(shown('missed'), [[undefined, 'e-2', undefined], [undefined, undefined, undefined]])
  t.same(shown('history'), [[undefined, 'own', undefined], [undefined, undefined, true]])
})

t.test('"joined" names the channels and is a position', async (t) => {
  t.same(joined([a, b], 'e-9'), { frame: { type: 'joined', channels: ['a', 'b'], cursor: 'e-9' }, isPosition: true })
})
