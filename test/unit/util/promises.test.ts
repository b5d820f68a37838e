import t from 'tap'
import { abortable, withTimeout } from '../../../lib/util/promises.ts'

const never = new Promise<never>(() => { /* it stays pending */ })

t.test('withTimeout: true if the promise fulfils in time, also where there is none', async (t) => {
  t.equal(await withTimeout(Promise.resolve(), 2 ** 30), true)
  t.equal(await withTimeout(undefined, 0), true)
})

t.test('withTimeout: false if the promise is late', async (t) => {
  t.equal(await withTimeout(never, 1), false)
})

t.test('withTimeout: rejects if the promise does', async (t) => {
  await t.rejects(withTimeout(Promise.reject(new Error('no')), 2 ** 30), { message: 'no' })
})

t.test('abortable: settles as the promise does', async (t) => {
  const { signal } = new AbortController()
  t.equal(await abortable(Promise.resolve(1), signal), 1)
  await t.rejects(abortable(Promise.reject(new Error('no')), signal), { message: 'no' })
})

t.test('abortable: rejects with the reason once the signal aborts, before or meanwhile', async (t) => {
  const end = new AbortController()
  const meanwhile = abortable(never, end.signal)
  end.abort(new Error('enough'))
  await t.rejects(meanwhile, { message: 'enough' })
  await t.rejects(abortable(never, end.signal), { message: 'enough' })
  await t.rejects(abortable(Promise.reject(new Error('late')), end.signal), { message: 'enough' })
})
