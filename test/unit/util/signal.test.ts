import t from 'tap'
import { Signal } from '../../../lib/util/signal.ts'

t.test('all pending waits resolve, and later ones wait for the next notification', async (t) => {
  const signal = new Signal()
  const notified: string[] = []
  const wait = async (name: string): Promise<void> => {
    await signal.wait()
    notified.push(name)
  }
  const first = [wait('a'), wait('b')]
  signal.notifyAll()
  const later = wait('c')
  await Promise.all(first)
  await new Promise(setImmediate)
  t.same(notified, ['a', 'b'])
  signal.notifyAll()
  await later
})

t.test('a notification without a waiter is not remembered', async (t) => {
  const signal = new Signal()
  signal.notifyAll()
  const isNotified = await Promise.race([signal.wait().then(() => true), new Promise(setImmediate).then(() => false)])
  t.equal(isNotified, false)
})
