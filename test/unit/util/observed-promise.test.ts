import t from 'tap'
import { rejection } from '../../../lib/util/observed-promise.ts'
import { turn } from '../../fixtures/engine.ts'

const error = new Error('broken')

t.test('a rejection that nobody waits for is reported, and ends no process', async (t) => {
  const reported: unknown[] = []
  rejection(error, (error) => { reported.push(error) }) // eslint-disable-line @typescript-eslint/no-floating-promises -- it is the point
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
  t.test(`a rejection waited for with ${how} is not reported`, async (t) => {
    const seen = await wait(rejection(error, () => { t.fail('reported') }))
    await turn()
    t.equal(seen, error)
  })
}

t.test('what waits for it with finally has to deal with it', async (t) => {
  const promise = rejection(error, () => { t.fail('reported') }).finally(() => {})
  await t.rejects(promise, error)
  await turn()
})

t.test('it is a promise, and what then returns is a plain one', async (t) => {
  const promise = rejection(error, () => {})
  t.ok(promise instanceof Promise)
  t.equal(promise.catch(() => {}).constructor, Promise)
})
