import t from 'tap'
import { once } from '../../../../lib/client/connection/once.ts'

t.test('who asks before the result and who asks after it get the same, each time', async (t) => {
  let resolve: (value: number) => void = () => {}
  const result = once<number>((done) => { resolve = done })
  const got: number[] = []
  result.then((value) => { got.push(value) })
  result.then((value) => { got.push(value) })
  t.same(got, [])
  resolve(1)
  result.then((value) => { got.push(value) })
  t.same(got, [1, 1, 1])
})

t.test('the first result counts', async (t) => {
  const got: unknown[] = []
  once<number>((resolve, reject) => {
    reject('no')
    resolve(1)
    reject('never')
  }).then((value) => { got.push(value) }, (reason) => { got.push(reason) })
  t.same(got, ['no'])
})

t.test('functions may be missing, and it can be awaited', async (t) => {
  const result = once<number>((resolve) => { setImmediate(resolve, 5) })
  result.then()
  result.then(null, null)
  t.equal(await result, 5)
  once((_resolve, reject) => { reject(1) }).then()
})
