import t from 'tap'
import { copy, dictionary } from '../../../../lib/client/browser/dictionary.ts'

t.test('a dictionary has no names but those that are put in', async (t) => {
  const names = dictionary<number>()
  for (const name of ['constructor', 'toString', '__proto__']) {
    t.equal(names[name], undefined)
    names[name] = 1
    t.equal(names[name], 1)
  }
  t.same(Object.keys(names), ['constructor', 'toString', '__proto__'])
})

t.test('a copy may be changed without the original', async (t) => {
  const from = { a: 1, b: { c: 2 } } as const
  const to = copy<{ a: number, b: { readonly c: number } }>(from)
  to.a = 3
  t.same([from, to], [{ a: 1, b: { c: 2 } }, { a: 3, b: { c: 2 } }])
  t.equal(to.b, from.b)
})
