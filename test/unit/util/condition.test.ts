import t from 'tap'
import { Condition } from '../../../lib/util/condition.ts'

t.test('all pending waits resolve, and later ones wait for the next notification', async (t) => {
  const condition = new Condition()
  const notified: string[] = []
  const wait = async (name: string): Promise<void> => {
    await condition.wait()
    notified.push(name)
  }
  const first = [wait('a'), wait('b')]
  condition.notifyAll()
  const later = wait('c')
  await Promise.all(first)
  await new Promise(setImmediate)
  t.same(notified, ['a', 'b'])
  condition.notifyAll()
  await later
})

t.test('a notification without a waiter is not remembered', async (t) => {
  const condition = new Condition()
  condition.notifyAll()
  const isNotified = await Promise.race([condition.wait().then(() => true), new Promise(setImmediate).then(() =>
    false)])
  t.equal(isNotified, false)
})
