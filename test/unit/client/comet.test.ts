import t, { type Test } from 'tap'
import { Comet } from '../../../lib/client/comet.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'
import { serve } from '../../fixtures/server.ts'
import { until } from '../../fixtures/until.ts'

async function setUp (t: Test) {
  const { app, origin } = await serve(t, { comet: { publishRoute: true, authorize: () => true } })
  const comet = new Comet(`${origin}/comet`, { transports: ['eventsource'] }, nodeEnv())
  t.teardown(() => { comet.close() })
  return { app, comet }
}

t.test('nothing is opened before the first subscribe, and after the last undo it is idle again', async (t) => {
  const { app, comet } = await setUp(t)
  t.match(comet, { state: 'idle', transport: null, error: null, cursor: null })
  const undo = comet.subscribe('a', () => {})
  await until(() => comet.state === 'open')
  t.equal(comet.transport, 'eventsource')
  t.equal(comet.cursor, app.comet.cursor())
  undo()
  await until(() => comet.state === 'idle')
  t.equal(comet.transport, null)
  undo()
})

t.test('a listener receives the data and the message, until its undo', async (t) => {
  const { app, comet } = await setUp(t)
  const got: unknown[][] = []
  const undo = comet.subscribe('a', (...args) => { got.push(args); undo() })
  const other: unknown[] = []
  comet.subscribe('a', (data) => { other.push(data) })
  await until(() => comet.state === 'open')
  const id = await app.comet.publish('a', { n: 1 })
  await app.comet.publish('a', { n: 2 })
  await until(() => other.length === 2)
  t.same(got, [[{ n: 1 }, { id, channel: 'a', data: { n: 1 } }]])
})

t.test('a signal is an undo, and one that is aborted before subscribes nothing', async (t) => {
  const { comet } = await setUp(t)
  comet.subscribe('a', () => {}, { signal: AbortSignal.abort() })
  t.equal(comet.state, 'idle')
  const leave = new AbortController()
  comet.subscribe('a', () => {}, { signal: leave.signal })
  await until(() => comet.state === 'open')
  leave.abort()
  await until(() => comet.state === 'idle')
})

t.test('what a listener throws surfaces as the error of the page, and the others are called', async (t) => {
  const { app, comet } = await setUp(t)
  const thrown: unknown[] = []
  const env = nodeEnv({
    setTimeout: ((task: () => void) => {
      try { task() } catch (error) { thrown.push(error) }
    }) as never
  })
  const second = new Comet(`http://127.0.0.1:${(app.server.address() as { port: number }).port}/comet`, {}, env)
  t.teardown(() => { second.close() })
  const states: string[] = []
  second.on('state', () => { throw new Error('of the page') })
  const undo = second.on('state', (state) => { states.push(state) })
  second.close()
  t.same(states, ['closed'])
  t.match(thrown, [{ message: 'of the page' }])
  undo()
  t.throws(() => second.subscribe('a', () => {}), { code: 'COMET_ERR_CLOSED' })
  t.equal(comet.state, 'idle')
})

t.test('a message is published over the route, with its id in return', async (t) => {
  const { app, comet } = await setUp(t)
  t.equal(await comet.publish('a', 1, { key: 'k' }), app.comet.cursor())
  t.equal(await comet.publish('a', 2, { key: 'k' }), app.comet.cursor())
  t.equal(app.comet.stats().published, 1)
})

t.test('it knows which transports there are means for', async (t) => {
  t.same(Object.keys(Comet.detect()).sort(), ['eventsource', 'iframe', 'long-poll'])
})
