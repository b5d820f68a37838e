import t from 'tap'
import type { Env } from '../../../lib/client/browser/env.ts'
import { callSafely, EVENTS, gapIn } from '../../../lib/client/events.ts'

t.test('what a listener throws surfaces later, and breaks nothing here', async (t) => {
  const later: (() => void)[] = []
  const env = { setTimeout: (task: () => void) => { later.push(task) } } as unknown as Env
  callSafely(env, () => {})
  t.equal(later.length, 0)
  t.doesNotThrow(() => { callSafely(env, () => { throw new Error('of the page') }) })
  t.throws(() => later[0]?.(), { message: 'of the page' })
})

t.test('a gap is its frame without the type', async (t) => {
  t.same(gapIn({ type: 'gap', channels: ['a'], reason: 'evicted', cursor: 'e-1' }), {
    channels: ['a'], reason: 'evicted', cursor: 'e-1'
  })
})

t.test('each event is named once', async (t) => {
  t.equal(new Set(EVENTS).size, EVENTS.length)
  t.ok(EVENTS.includes('error'))
})
