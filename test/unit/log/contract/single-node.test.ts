import t from 'tap'
import { assertAscending } from '../../../../lib/log/contract/single-node.ts'

t.test('offsets are safe integers above 0, each above the one before it', async (t) => {
  t.doesNotThrow(() => { assertAscending([]) })
  t.doesNotThrow(() => { assertAscending([1, 2, 7, 2 ** 53 - 1]) })
  for (const offsets of [[0], [-1], [1, 1], [2, 1], [1.5], [2 ** 53]]) {
    t.throws(() => { assertAscending(offsets) }, { message: /is a safe integer above/ }, offsets.join(' '))
  }
})
