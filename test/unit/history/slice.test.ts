import t from 'tap'
import { Channel } from '../../../lib/history/channel.ts'
import {
  concat, control, type GapItem, gapControl, isGap, isLoss, isMessage, type SliceItem
} from '../../../lib/history/slice.ts'
import { LIMITS, stored } from '../../fixtures/bus.ts'

const message = stored(new Channel('a', LIMITS, 0), 1)
const gap: GapItem = { offset: 2, cursor: 'e-2', reason: 'evicted', channels: ['a'] }
const kinds: [name: string, item: SliceItem][] = [
  ['a message', message],
  ['a message of a join', { message, isHistory: true }],
  ['a gap', gap],
  ['a control frame of a gap', gapControl(gap, false)],
  ['another control frame', control({ type: 'denied', channels: ['a'] })]
]

t.test('items count as messages, as losses, or as neither', async (t) => {
  t.same(kinds.map(([name, item]) => [name, isMessage(item), isLoss(item), isGap(item)]), [
    ['a message', true, false, false],
    ['a message of a join', true, false, false],
    ['a gap', false, true, true],
    ['a control frame of a gap', false, true, false],
    ['another control frame', false, false, false]
  ])
})

t.test('the control frame of a gap names its position', async (t) => {
  t.same(gapControl(gap, false), {
    frame: { type: 'gap', channels: ['a'], reason: 'evicted', cursor: 'e-2' }, isPosition: false
  })
})

t.test('a control frame is a position unless it is said not to be', async (t) => {
  t.equal(control({ type: 'denied', channels: [] }).isPosition, true)
})

t.test('two slices in a row are one, with the end of the second', async (t) => {
  t.same(concat({ items: [message], end: 1, bytes: 10 }, { items: [gap], end: 2, bytes: 5 }), {
    items: [message, gap], end: 2, bytes: 15
  })
})
