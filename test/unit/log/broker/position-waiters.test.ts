import t from 'tap'
import { PositionWaiters } from '../../../../lib/log/broker/position-waiters.ts'

t.test('a wait resolves when its position has been reached, and no sooner', async (t) => {
  const waiters = new PositionWaiters()
  const reached: number[] = []
  const wait = async (position: number): Promise<void> => {
    await waiters.wait(position)
    reached.push(position)
  }
  const all = Promise.all([1, 2, 2, 5].map(wait))
  waiters.reach(0)
  await new Promise(setImmediate)
  t.same(reached, [])
  waiters.reach(3)
  await new Promise(setImmediate)
  t.same(reached, [1, 2, 2])
  waiters.reach(5)
  await all
  t.same(reached, [1, 2, 2, 5])
})

t.test('a wait for a lower position resolves after those before it', async (t) => {
  const waiters = new PositionWaiters()
  const order: number[] = []
  const all = [7, 3].map((position) => waiters.wait(position).then(() => { order.push(position) }))
  waiters.reach(5)
  await new Promise(setImmediate)
  t.same(order, [])
  waiters.reach(7)
  await Promise.all(all)
  t.same(order, [7, 3])
})

t.test('all resolve at the end', async () => {
  const waiters = new PositionWaiters()
  const waiting = [7, 8, 9].map((position) => waiters.wait(position))
  waiters.reach(Infinity)
  await Promise.all(waiting)
})
