import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { Heap } from '../../../lib/util/heap.ts'
import { property } from '../../fixtures/property.ts'

t.test('the largest is at hand, whatever is added, replaced and removed', async (t) => {
  const step = fc.record({
    do: fc.constantFrom('push' as const, 'push' as const, 'replace' as const, 'remove' as const), value: fc.nat(20)
  })
  await property(t, fc.array(step), (steps) => {
    const heap = new Heap<number>((value) => value)
    const values: number[] = []
    for (const { do: action, value } of steps) {
      const largest = values.indexOf(Math.max(...values))
      if (action === 'push') {
        heap.push(value)
        values.push(value)
      } else if (action === 'remove') {
        heap.removeLargest()
        if (values.length > 0) values.splice(largest, 1)
      } else if (values.length > 0) {
        heap.replaceLargest(value)
        values[largest] = value
      }
      assert.equal(heap.largest, values.length === 0 ? undefined : Math.max(...values))
    }
  })
})
