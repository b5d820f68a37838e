import t from 'tap'
import { get } from './fixtures/bodies.ts'
import { serve } from './fixtures/server.ts'
import { connectTo, frame, held, pathOf } from './fixtures/transport-clients.ts'

t.test('an answer that nobody reads is destroyed when the application closes', async (t) => {
  const server = await serve(t, { comet: { maxMessageBytes: 20_000_000, channelBytes: 100_000_000 } })
  await server.app.comet.publish('a', 'x'.repeat(12_000_000))
  const unread = await get(server, pathOf('long-poll', { channel: 'a', history: 1 }))
  unread.stream.on('error', () => { /* it is destroyed */ })
  const start = performance.now()
  await server.app.close()
  t.ok(performance.now() - start < 2000)
  unread.cut()
})

t.test('a held poll that denies a channel says so with its answer', async (t) => {
  const server = await serve(t, { comet: { authorize: () => ({ channels: ['a'] }) } })
  const poll = await held(server, 'long-poll', { channel: ['a', 'b'] })
  await server.app.comet.publish('a', 1)
  t.match([await poll.next(), await poll.next()], [{ type: 'denied', channels: ['b'] }, { data: 1 }])
})

t.test('the timeout of the application for its handlers does not end a held poll', async (t) => {
  const server = await serve(t, { fastify: { handlerTimeout: 50 }, comet: { pollTimeout: 300 } })
  const poll = await connectTo(server, 'long-poll', { channel: 'a', cursor: server.app.comet.cursor() })
  t.equal(poll.status, 200)
  t.match(await frame(poll, 'heartbeat'), { type: 'heartbeat' })
})
