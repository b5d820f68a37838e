import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { SmallSet } from '../../../lib/util/small-set.ts'
import { property } from '../../fixtures/property.ts'

const step = fc.record({ do: fc.constantFrom('add' as const, 'delete' as const), element: fc.nat(4) })

t.test('does what a Set does, with however many elements', async (t) => {
  const elements = Array.from({ length: 5 }, () => ({}))
  await property(t, fc.array(step), (steps) => {
    const [small, real] = [new SmallSet<object>(), new Set<object>()]
    for (const { do: action, element } of steps) {
      const one = elements[element] as object
      const result = small[action](one)
      if (action === 'delete') assert.equal(result, real.delete(one))
      else real.add(one)
      const all: object[] = []
      small.forEach((each) => { all.push(each) })
      assert.deepEqual(all.map((each) => elements.indexOf(each)), [...real].map((each) => elements.indexOf(each)))
      assert.equal(small.size, real.size)
      for (const each of elements) assert.equal(small.has(each), real.has(each))
    }
  })
})
