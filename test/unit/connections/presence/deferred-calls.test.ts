import t from 'tap'
import { DeferredCalls } from '../../../../lib/connections/presence/deferred-calls.ts'

t.test('calls are made in order, after what runs now', async (t) => {
  const made: number[] = []
  const deferred = new DeferredCalls(t.threw)
  for (const i of [1, 2, 3]) deferred.defer(() => { made.push(i) })
  t.same(made, [])
  await Promise.resolve()
  t.same(made, [1, 2, 3])
  deferred.defer(() => { made.push(4) })
  await Promise.resolve()
  t.equal(made.length, 4)
})

t.test('or at once, when that is asked for, also from within a call', async (t) => {
  const made: number[] = []
  const deferred = new DeferredCalls(t.threw)
  deferred.defer(() => {
    made.push(1)
    deferred.defer(() => { made.push(3) })
    deferred.flush()
    made.push(4)
  })
  deferred.defer(() => { made.push(2) })
  deferred.flush()
  t.same(made, [1, 2, 3, 4])
  await Promise.resolve()
  t.equal(made.length, 4)
})

t.test('what one of them throws, or rejects with, does not keep the others', async (t) => {
  const errors: unknown[] = []
  const made: number[] = []
  const deferred = new DeferredCalls((error) => { errors.push(error) })
  deferred.defer(() => { throw new Error('thrown') })
  deferred.defer(() => Promise.reject(new Error('rejected')))
  deferred.defer(() => { made.push(1) })
  await new Promise(setImmediate)
  t.match(errors, [{ message: 'thrown' }, { message: 'rejected' }])
  t.same(made, [1])
})
