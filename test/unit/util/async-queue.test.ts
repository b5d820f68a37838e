import t from 'tap'
import { AsyncQueue } from '../../../lib/util/async-queue.ts'

t.test('items that have arrived are taken immediately, in order', async (t) => {
  const queue = new AsyncQueue<number>(new AbortController().signal)
  for (const item of [1, 2, 3]) queue.push(item)
  t.same(await queue.next(60_000), [1, 2, 3])
})

t.test('it waits for the next item, at most for the time given', async (t) => {
  const queue = new AsyncQueue<number>(new AbortController().signal)
  const next = queue.next(60_000)
  queue.push(1)
  queue.push(2)
  t.same(await next, [1, 2])
  t.same(await queue.next(1), [])
  queue.push(3)
  t.same(await queue.next(60_000), [3])
})

t.test('it rejects with the reason once the signal aborts, also if items have arrived', async (t) => {
  const end = new AbortController()
  const queue = new AsyncQueue<number>(end.signal)
  const next = queue.next(60_000)
  end.abort(new Error('enough'))
  await t.rejects(next, { message: 'enough' })
  queue.push(1)
  await t.rejects(queue.next(60_000), { message: 'enough' })
})
