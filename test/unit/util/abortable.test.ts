import t from 'tap'
import { orAborted } from '../../../lib/util/abortable.ts'

const never = new Promise<never>(() => { /* it is aborted before */ })

t.test('it settles as the promise does', async (t) => {
  const { signal } = new AbortController()
  t.equal(await orAborted(Promise.resolve(1), signal), 1)
  await t.rejects(orAborted(Promise.reject(new Error('no')), signal), { message: 'no' })
})

t.test('it rejects with the reason once the signal is aborted, before or meanwhile', async (t) => {
  const end = new AbortController()
  const meanwhile = orAborted(never, end.signal)
  end.abort(new Error('enough'))
  await t.rejects(meanwhile, { message: 'enough' })
  await t.rejects(orAborted(never, end.signal), { message: 'enough' })
  await t.rejects(orAborted(Promise.reject(new Error('late')), end.signal), { message: 'enough' })
})
