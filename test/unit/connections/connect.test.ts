import t from 'tap'
import type { FastifyInstance } from 'fastify'
import type { CometOptions } from '../../../lib/index.ts'
import { createApp, serve } from '../../fixtures/server.ts'

const CLIENT = 'x'.repeat(22)

t.test('a hook may disconnect a poll that has just begun, and nothing of it stays', async (t) => {
  const app: FastifyInstance = await createApp(t, {
    comet: { onSubscribe: ({ client }) => { app.comet.disconnect({ client }) } }
  })
  const cursor = (await app.inject('/comet/long-poll?channel=a')).json()
  t.match(cursor, [{ type: 'close', reason: 'disconnected' }])
  await app.ready()
  const held = await app.inject(`/comet/long-poll?channel=a&client=${CLIENT}&cursor=${app.comet.cursor()}`)
  t.match(held.json(), [{ type: 'close', reason: 'disconnected' }])
  t.match(app.comet.stats(), { subscriptions: 0, channels: 0 })
  t.same(app.comet.subscribers('a'), [])
})

t.test('a hook may disconnect a stream that has just begun', async (t) => {
  const { app, url } = await serve(t, { comet: { onSubscribe: ({ client }) => { app.comet.disconnect({ client }) } } })
  const text = await (await fetch(url('eventsource?channel=a'))).text()
  t.match(text, /"type":"open"[^]*"type":"close","reason":"disconnected"\}\n\n$/)
  t.match(app.comet.stats(), { subscriptions: 0, channels: 0 })
  t.same(app.comet.subscribers('a'), [])
})

t.test('a document whose first bytes go past its limit is rotated, and nobody stays present', async (t) => {
  const events: string[] = []
  const comet: CometOptions = {
    maxMessageBytes: 4_000_000,
    maxBufferedBytes: 8_000_000,
    onSubscribe: () => { events.push('came') },
    onUnsubscribe: () => { events.push('went') }
  }
  const { app, url } = await serve(t, { comet })
  await app.comet.publish('a', 'x'.repeat(2_200_000))
  const text = await (await fetch(url('iframe?channel=a&history=1'))).text()
  t.match(text.slice(-200), '"type":"close","reason":"rotate"')
  t.same(events, ['came', 'went'])
  t.same(app.comet.subscribers('a'), [])
})

t.test('what was published before a disconnect in the same turn is sent before it', async (t) => {
  const { app, url } = await serve(t)
  const answer = await fetch(url('eventsource?channel=a'))
  app.comet.publish('a', 'last words').catch(t.threw)
  t.equal(app.comet.disconnect({ channel: 'a' }), 1)
  t.match(await answer.text(), /last words[^]*"reason":"disconnected"/)
})

t.test('what was published before the end of the application is sent before it', async (t) => {
  const { app, url } = await serve(t)
  const answer = await fetch(url('eventsource?channel=a'))
  app.comet.publish('a', 'last words').catch(t.threw)
  await app.close()
  t.match(await answer.text(), /last words[^]*"reason":"shutdown"/)
})

t.test('a request whose response cannot be begun leaves nothing behind', async (t) => {
  const { app, url } = await serve(t, {
    before: (app) => app.addHook('onRequest', async (request, reply) => {
      if (request.url.includes('broken')) reply.raw.writeHead = () => { throw new Error('no head') }
    }),
    comet: { maxConnections: 1 }
  })
  await t.rejects(fetch(url('eventsource?channel=a&broken=1')))
  t.match(app.comet.stats(), { subscriptions: 0, channels: 0, rejected: 1 })
  const next = await fetch(url('eventsource?channel=a'))
  t.match(app.comet.stats(), { subscriptions: 1 })
  await next.body?.cancel()
})
