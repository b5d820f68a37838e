import t, { type Test } from 'tap'
import { parseOptions } from '../../../lib/client/options.ts'
import { Session } from '../../../lib/client/session.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'
import { serve } from '../../fixtures/server.ts'
import { until } from '../../fixtures/until.ts'

async function open (t: Test) {
  const { app, origin } = await serve(t)
  const settings = parseOptions(nodeEnv(), `${origin}/comet`, { transports: ['long-poll'] })
  const events: unknown[][] = []
  const session = new Session(settings, (event, value) => { events.push([event, value]) })
  t.teardown(() => { session.close() })
  const states = () => events.filter(([event]) => event === 'state').map(([, state]) => state)
  return { app, session, states }
}

t.test('subscribers with the same channel share one connection, which ends with the last of them', async (t) => {
  const { app, session, states } = await open(t)
  const got: string[] = []
  const leave = ['first', 'second'].map((name) => session.subscribe({
    channel: 'a', history: 0, onFrame: (frame) => { if ('data' in frame) got.push(`${name} ${String(frame.data)}`) }
  }))
  await until(() => states().includes('open'))
  t.equal(app.comet.subscribers('a').length, 1)
  await app.comet.publish('a', 1)
  await until(() => got.length === 2)
  t.same(got, ['first 1', 'second 1'])
  t.equal(session.at(), app.comet.cursor())
  leave[0]?.()
  await app.comet.publish('a', 2)
  await until(() => got.length === 3)
  leave[1]?.()
  await until(() => states().at(-1) === 'idle')
})

t.test('a channel that joins gets its history, and the others go on', async (t) => {
  const { app, session, states } = await open(t)
  await app.comet.publish('late', 'before')
  const got: unknown[] = []
  const onFrame = (frame: object) => { if ('data' in frame) got.push(frame.data) }
  session.subscribe({ channel: 'a', history: 0, onFrame })
  await until(() => states().includes('open'))
  session.subscribe({ channel: 'late', history: 1, onFrame })
  await until(() => got.includes('before'))
  await app.comet.publish('a', 'after')
  await until(() => got.length === 2)
  t.same(got, ['before', 'after'])
})

t.test('once closed it says so, and is silent', async (t) => {
  const { session, states } = await open(t)
  session.subscribe({ channel: 'a', history: 0, onFrame () { t.fail('a frame after the end') } })
  session.close()
  t.equal(states().at(-1), 'closed')
})
