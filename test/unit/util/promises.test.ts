import t from 'tap'
import { abortable, observed, rejection, withTimeout } from '../../../lib/util/promises.ts'
import { turn } from '../../fixtures/bus.ts'

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

const error = new Error('broken')

t.test('rejection: reported if nothing waits for it, without ending the process', async (t) => {
  const reported: unknown[] = []
  // eslint-disable-next-line @typescript-eslint/no-floating-promises -- it is the point
  rejection(error, (error) => { reported.push(error) })
  await turn()
  t.same(reported, [error])
})

const waiting: [how: string, wait: (promise: Promise<never>) => Promise<unknown>][] = [
  ['await', async (promise) => {
    try {
      return await promise
    } catch (error) {
      return error
    }
  }],
  ['then', (promise) => promise.then(undefined, (error: unknown) => error)],
  ['catch', (promise) => promise.catch((error: unknown) => error)],
  ['Promise.allSettled', async (promise) => {
    const [result] = await Promise.allSettled([promise])
    return result.status === 'rejected' && result.reason
  }],
  ['a function that passes it on', (promise) => (async () => promise)().catch((error: unknown) => error)]
]

for (const [how, wait] of waiting) {
  t.test(`rejection: not reported if waited for with ${how}`, async (t) => {
    const seen = await wait(rejection(error, () => { t.fail('reported') }))
    await turn()
    t.equal(seen, error)
  })
}

t.test('rejection: what waits for it with finally has to handle it', async (t) => {
  const promise = rejection(error, () => { t.fail('reported') }).finally(() => {})
  await t.rejects(promise, error)
  await turn()
})

t.test('rejection: a promise, whose then() returns a plain one', async (t) => {
  const promise = rejection(error, () => {})
  t.ok(promise instanceof Promise)
  t.equal(promise.catch(() => {}).constructor, Promise)
})

t.test('observed: settles as the promise does', async (t) => {
  t.equal(await observed(Promise.resolve(1), () => { t.fail('reported') }), 1)
  await t.rejects(observed(Promise.reject(error), () => { t.fail('reported') }), error)
})

t.test('observed: a rejection is reported if nothing waits for it, without ending the process', async (t) => {
  const reported: unknown[] = []
  // eslint-disable-next-line @typescript-eslint/no-floating-promises -- it is the point
  observed(Promise.reject(error), (error) => { reported.push(error) })
  await turn()
  await turn()
  t.same(reported, [error])
})
