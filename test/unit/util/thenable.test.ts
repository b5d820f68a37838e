import { runInNewContext } from 'node:vm'
import t from 'tap'
import { isThenable } from '../../../lib/util/thenable.ts'

t.test('a promise is one, whoever made it', async (t) => {
  t.ok(isThenable(Promise.resolve()))
  t.ok(isThenable(runInNewContext('Promise.resolve()')))
  t.ok(isThenable({ then: () => {} }))
})

t.test('anything else is none', async (t) => {
  for (const value of [undefined, null, true, 'then', 7, {}, { then: true }, []]) t.notOk(isThenable(value))
})
