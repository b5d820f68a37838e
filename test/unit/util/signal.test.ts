import t from 'tap'
import { Latch } from '../../../lib/util/signal.ts'

t.test('all who wait by then are let go at once, and who comes later waits for the next time', async (t) => {
  const latch = new Latch()
  const gone: string[] = []
  const wait = async (name: string): Promise<void> => {
    await latch.wait()
    gone.push(name)
  }
  const first = [wait('a'), wait('b')]
  latch.release()
  const later = wait('c')
  await Promise.all(first)
  await new Promise(setImmediate)
  t.same(gone, ['a', 'b'])
  latch.release()
  await later
})

t.test('letting go when nobody waits is not remembered', async (t) => {
  const latch = new Latch()
  latch.release()
  const isGone = await Promise.race([latch.wait().then(() => true), new Promise(setImmediate).then(() => false)])
  t.equal(isGone, false)
})
