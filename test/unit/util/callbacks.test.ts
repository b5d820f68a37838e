import { runInNewContext } from 'node:vm'
import t from 'tap'
import { callGuarded, isThenable } from '../../../lib/util/callbacks.ts'

t.test('isThenable: a promise, whatever made it', async (t) => {
  t.ok(isThenable(Promise.resolve()))
  t.ok(isThenable(runInNewContext('Promise.resolve()')))
  t.ok(isThenable({ then: () => {} }))
})

t.test('isThenable: nothing else', async (t) => {
  for (const value of [undefined, null, true, 'then', 7, {}, { then: true }, []]) {
    t.notOk(isThenable(value), String(value))
  }
})

t.test('callGuarded: a callback that returns causes no error', async (t) => {
  callGuarded((error) => { t.fail(String(error)) }, () => 'fine')
  callGuarded((error) => { t.fail(String(error)) }, async () => 'fine')
  await new Promise(setImmediate)
  t.pass('no error was reported')
})

t.test('callGuarded: reports what the callback throws', async (t) => {
  const errors: unknown[] = []
  callGuarded((error) => { errors.push(error) }, () => { throw new Error('broken') })
  t.match(errors, [{ message: 'broken' }])
})

t.test('callGuarded: reports what the callback rejects with, which is no unhandled rejection', async (t) => {
  const error = await new Promise((resolve) => { callGuarded(resolve, () => Promise.reject(new Error('broken'))) })
  t.match(error, { message: 'broken' })
})
