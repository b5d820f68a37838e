import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { LinkedList } from '../../../lib/util/linked-list.ts'
import { property } from '../../fixtures/property.ts'

class Item {
  older: Item | undefined
  newer: Item | undefined
  readonly name: string

  constructor (name: string) {
    this.name = name
  }
}

function names (list: LinkedList<Item>): string {
  return [...list].map(({ name }) => name).join('')
}

t.test('items stay in the order in which they came, whichever is removed', async (t) => {
  for (const [removed, rest] of [[0, 'bcd'], [1, 'acd'], [3, 'abc']] as const) {
    const list = new LinkedList<Item>()
    const items = [...'abcd'].map((name) => new Item(name))
    for (const item of items) list.push(item)
    list.remove(items[removed] as Item)
    t.same([names(list), list.size, list.oldest?.name], [rest, 3, rest[0]])
    list.push(items[removed] as Item)
    t.equal(names(list), `${rest}${(items[removed] as Item).name}`)
  }
})

t.test('what is removed holds nothing of the list, and an empty list nothing of it', async (t) => {
  const list = new LinkedList<Item>()
  const [a, b] = [new Item('a'), new Item('b')]
  list.push(a)
  list.push(b)
  list.remove(a)
  t.same([a.older, a.newer, b.older], [undefined, undefined, undefined])
  list.remove(b)
  t.same([list.size, list.oldest, names(list)], [0, undefined, ''])
})

t.test('stays in order whatever comes, at either end, and leaves', async (t) => {
  const operation = fc.oneof(fc.constant('push' as const), fc.constant('unshift' as const), fc.nat())
  await property(t, fc.array(operation), (operations) => {
    const list = new LinkedList<Item>()
    const model: Item[] = []
    for (const [index, operation] of operations.entries()) {
      const item = typeof operation === 'number'
        ? model.splice(operation % (model.length + 1), 1)[0]
        : new Item(String(index))
      if (item === undefined) continue
      if (typeof operation === 'number') list.remove(item)
      else {
        model[operation](item)
        list[operation](item)
      }
      assert.deepEqual([...list], model)
      assert.equal(list.size, model.length)
    }
  })
})
