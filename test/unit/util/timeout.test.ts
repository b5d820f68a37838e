import t from 'tap'
import { within } from '../../../lib/util/timeout.ts'

const never = new Promise<void>(() => { /* it is late */ })

t.test('what is done in time is true, also where there is nothing to wait for', async (t) => {
  t.equal(await within(2 ** 30, Promise.resolve()), true)
  t.equal(await within(0, undefined), true)
})

t.test('what is late is false', async (t) => {
  t.equal(await within(1, never), false)
})

t.test('what fails, fails', async (t) => {
  await t.rejects(within(2 ** 30, Promise.reject(new Error('no'))), { message: 'no' })
})
