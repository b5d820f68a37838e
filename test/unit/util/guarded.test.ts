import t from 'tap'
import { guarded } from '../../../lib/util/guarded.ts'

t.test('what returns is no error', async (t) => {
  guarded((error) => { t.fail(String(error)) }, () => 'fine')
  guarded((error) => { t.fail(String(error)) }, async () => 'fine')
  await new Promise(setImmediate)
  t.pass()
})

t.test('what throws is told', async (t) => {
  const errors: unknown[] = []
  guarded((error) => { errors.push(error) }, () => { throw new Error('broken') })
  t.match(errors, [{ message: 'broken' }])
})

t.test('what rejects is told too, and is no unhandled rejection', async (t) => {
  const error = await new Promise((resolve) => { guarded(resolve, () => Promise.reject(new Error('broken'))) })
  t.match(error, { message: 'broken' })
})
