import t from 'tap'
import { Milestones } from '../../../../lib/log/broker/position-waiters.ts'

t.test('who waits for a position is let go when that has been passed, and no sooner', async (t) => {
  const milestones = new Milestones()
  const reached: number[] = []
  const reach = async (position: number): Promise<void> => {
    await milestones.reached(position)
    reached.push(position)
  }
  const all = Promise.all([1, 2, 2, 5].map(reach))
  milestones.pass(0)
  await new Promise(setImmediate)
  t.same(reached, [])
  milestones.pass(3)
  await new Promise(setImmediate)
  t.same(reached, [1, 2, 2])
  milestones.pass(5)
  await all
  t.same(reached, [1, 2, 2, 5])
})

t.test('all are let go at the end', async () => {
  const milestones = new Milestones()
  const waiting = [7, 8, 9].map((position) => milestones.reached(position))
  milestones.pass(Infinity)
  await Promise.all(waiting)
})
