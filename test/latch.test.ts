import t from 'tap'
import { Latch } from '../lib/latch.ts'

t.test('all who wait by then are let go at once, and who comes later waits for the next time', async (t) => {
  const latch = new Latch()
  const gone: string[] = []
  for (const name of ['a', 'b']) void latch.wait().then(() => { gone.push(name) })
  latch.release()
  void latch.wait().then(() => { gone.push('c') })
  await new Promise(setImmediate)
  t.same(gone, ['a', 'b'])
  latch.release()
  await new Promise(setImmediate)
  t.same(gone, ['a', 'b', 'c'])
})

t.test('letting go when nobody waits is not remembered', async (t) => {
  const latch = new Latch()
  latch.release()
  let isGone = false
  void latch.wait().then(() => { isGone = true })
  await new Promise(setImmediate)
  t.equal(isGone, false)
})
