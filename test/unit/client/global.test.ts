import t from 'tap'
import { Comet } from '../../../lib/client/comet.ts'

t.test('the classic script makes Comet a global of the page', async (t) => {
  const page: { Comet?: unknown } = {}
  const before = Object.getOwnPropertyDescriptor(globalThis, 'self')
  Object.defineProperty(globalThis, 'self', { value: page, configurable: true })
  t.teardown(() => {
    if (before === undefined) Reflect.deleteProperty(globalThis, 'self')
    else Object.defineProperty(globalThis, 'self', before)
  })
  await import('../../../lib/client/global.ts')
  t.equal(page.Comet, Comet)
})
