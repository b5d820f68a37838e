import t from 'tap'
import type { Env } from '../../../../lib/client/browser/env.ts'
import { watchPage } from '../../../../lib/client/browser/page-events.ts'

function watch (network: EventTarget | undefined = new EventTarget()) {
  const page = new EventTarget()
  const events: string[] = []
  const env = {
    navigator: { connection: network },
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page)
  } as unknown as Env
  const stop = watchPage(env, (event) => { events.push(event) })
  const happen = (type: string, more: object = {}, target = page) => {
    target.dispatchEvent(Object.assign(new Event(type), more))
  }
  return { events, happen, stop, network }
}

for (const [type, more, events] of [
  ['online', {}, ['wake']],
  ['offline', {}, ['offline']],
  ['pagehide', {}, ['hide']],
  ['pageshow', { persisted: true }, ['wake']],
  ['pageshow', { persisted: false }, []],
  ['visibilitychange', {}, ['silence']]
] as const) {
  t.test(`${type} ${JSON.stringify(more)} is ${events.join() || 'nothing'}`, async (t) => {
    const page = watch()
    page.happen(type, more)
    t.same(page.events, events)
  })
}

t.test('another kind of network is a reason to look', async (t) => {
  const page = watch()
  page.happen('change', {}, page.network)
  t.same(page.events, ['wake'])
})

t.test('once stopped it says nothing', async (t) => {
  const page = watch()
  page.stop()
  page.happen('online')
  page.happen('change', {}, page.network)
  t.same(page.events, [])
})

t.test('an environment without events or a network are no reason to fail', async (t) => {
  const stop = watchPage({} as Env, () => {})
  t.doesNotThrow(stop)
})
