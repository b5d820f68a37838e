import t from 'tap'
import { attempt, browserEnv } from '../../../../lib/client/browser/env.ts'

t.test('the environment is the global object, where there is no self too', async (t) => {
  const before = Object.getOwnPropertyDescriptor(globalThis, 'self')
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'self')
    else Object.defineProperty(globalThis, 'self', before)
  })
  Object.defineProperty(globalThis, 'self', { value: undefined, configurable: true })
  t.equal(browserEnv(), globalThis)
  const worker = {}
  Object.defineProperty(globalThis, 'self', { value: worker, configurable: true })
  t.equal(browserEnv(), worker)
})

t.test('an attempt that throws gives undefined', async (t) => {
  t.equal(attempt(() => 1), 1)
  t.equal(attempt(() => { throw new Error('SecurityError') }), undefined)
})
