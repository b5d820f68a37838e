import t from 'tap'
import { Aside } from '../../../../lib/connections/presence/deferred-calls.ts'

t.test('calls are made in order, after what runs now', async (t) => {
  const made: number[] = []
  const aside = new Aside(t.threw)
  for (const i of [1, 2, 3]) aside.later(() => { made.push(i) })
  t.same(made, [])
  await Promise.resolve()
  t.same(made, [1, 2, 3])
  aside.later(() => { made.push(4) })
  await Promise.resolve()
  t.equal(made.length, 4)
})

t.test('or at once, when that is asked for, also from within a call', async (t) => {
  const made: number[] = []
  const aside = new Aside(t.threw)
  aside.later(() => {
    made.push(1)
    aside.later(() => { made.push(3) })
    aside.flush()
    made.push(4)
  })
  aside.later(() => { made.push(2) })
  aside.flush()
  t.same(made, [1, 2, 3, 4])
  await Promise.resolve()
  t.equal(made.length, 4)
})

t.test('what one of them throws, or rejects with, does not keep the others', async (t) => {
  const errors: unknown[] = []
  const made: number[] = []
  const aside = new Aside((error) => { errors.push(error) })
  aside.later(() => { throw new Error('thrown') })
  aside.later(() => Promise.reject(new Error('rejected')))
  aside.later(() => { made.push(1) })
  await new Promise(setImmediate)
  t.match(errors, [{ message: 'thrown' }, { message: 'rejected' }])
  t.same(made, [1])
})
