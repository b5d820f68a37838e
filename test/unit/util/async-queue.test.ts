import t from 'tap'
import { Queue } from '../../../lib/util/async-queue.ts'

t.test('what has come is taken at once, in order', async (t) => {
  const queue = new Queue<number>(new AbortController().signal)
  for (const item of [1, 2, 3]) queue.push(item)
  t.same(await queue.next(60_000), [1, 2, 3])
})

t.test('the next is waited for, up to so many ms', async (t) => {
  const queue = new Queue<number>(new AbortController().signal)
  const next = queue.next(60_000)
  queue.push(1)
  queue.push(2)
  t.same(await next, [1, 2])
  t.same(await queue.next(1), [])
  queue.push(3)
  t.same(await queue.next(60_000), [3])
})

t.test('it throws the reason once the signal is aborted, whatever has come', async (t) => {
  const end = new AbortController()
  const queue = new Queue<number>(end.signal)
  const next = queue.next(60_000)
  end.abort(new Error('enough'))
  await t.rejects(next, { message: 'enough' })
  queue.push(1)
  await t.rejects(queue.next(60_000), { message: 'enough' })
})
