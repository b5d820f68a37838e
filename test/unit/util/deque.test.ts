import fc from 'fast-check'
import t from 'tap'
import { Deque } from '../../../lib/util/deque.ts'
import { property } from '../../fixtures/property.ts'

t.test('hands items out in the order in which they came', async (t) => {
  const deque = new Deque<string>()
  deque.push('a')
  deque.push('b')
  t.equal(deque.shift(), 'a')
  t.equal(deque.shift(), 'b')
})

t.test('an empty one has nothing', async (t) => {
  const deque = new Deque<string>()
  t.equal(deque.length, 0)
  t.equal(deque.shift(), undefined)
  t.equal(deque.last(), undefined)
  t.equal(deque.at(0), undefined)
  deque.push('a')
  deque.shift()
  t.equal(deque.length, 0)
  t.equal(deque.shift(), undefined)
  t.equal(deque.last(), undefined)
  t.equal(deque.at(0), undefined)
})

t.test('an index below 0 finds nothing, also after items have left', async (t) => {
  const deque = new Deque<string>()
  deque.push('a')
  deque.push('b')
  deque.shift()
  t.equal(deque.at(-1), undefined)
})

type Operation = { type: 'push', item: number } | { type: 'shift' }

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ type: fc.constant('push' as const), item: fc.nat() }),
  fc.record({ type: fc.constant('shift' as const) })
)

t.test('behaves as an array does', async (t) => {
  await property(t, fc.array(operation, { maxLength: 400 }), (operations) => {
    const deque = new Deque<number>()
    const model: number[] = []
    for (const operation of operations) {
      if (operation.type === 'push') {
        deque.push(operation.item)
        model.push(operation.item)
      } else if (deque.shift() !== model.shift()) return false
      if (deque.length !== model.length || deque.last() !== model.at(-1)) return false
    }
    return model.every((item, index) => deque.at(index) === item) && deque.at(model.length) === undefined
  })
})

t.test('stays right when hundreds have left', async (t) => {
  const deque = new Deque<number>()
  for (let i = 0; i < 200; i++) deque.push(i)
  for (let i = 0; i < 150; i++) t.equal(deque.shift(), i)
  t.equal(deque.length, 50)
  t.equal(deque.at(0), 150)
  t.equal(deque.last(), 199)
})
