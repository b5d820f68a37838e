import t from 'tap'
import { once } from 'node:events'
import type { FastifyReply } from 'fastify'
import { get, getInSession, openSession, textOf } from '../../fixtures/bodies.ts'
import { serve, type ServerOptions, type TestServer } from '../../fixtures/server.ts'
import { connectTo, frame, held, pathOf } from '../../fixtures/transport-clients.ts'

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

const LARGE: ServerOptions = {
  comet: { heartbeatInterval: 100, maxMessageBytes: 20_000_000, channelBytes: 100_000_000 }
}

/** A server that notes its responses, with a message of so many bytes. */
async function serveLarge (
  t: Parameters<typeof serve>[0], bytes: number, options: ServerOptions = {}
): Promise<TestServer & { responses: FastifyReply['raw'][] }> {
  const responses: FastifyReply['raw'][] = []
  const server = await serve(t, {
    ...LARGE,
    ...options,
    before: (app) =>
      app.addHook('onRequest', async (_request, reply) => { responses.push(reply.raw) })
  })
  await server.app.comet.publish('a', 'x'.repeat(bytes))
  return { ...server, responses }
}

for (const http of ['http', 'https', 'h2c', 'http2'] as const) {
  const title = `an answer that nobody reads is given up after two heartbeats over ${http}`
  t.test(title, { timeout: 10_000 }, async (t) => {
    const server = await serveLarge(t, 12_000_000, { http })
    const unread = await get(server, pathOf('long-poll', { channel: 'a', history: 1 }))
    unread.stream.on('error', () => { /* it is destroyed */ })
    const [response] = server.responses as [FastifyReply['raw']]
    const start = performance.now()
    await once(response, 'close')
    const took = performance.now() - start
    t.equal(response.writableFinished, false)
    t.ok(took >= 100 && took < 2000, `${took} ms`)
    unread.cut()
  })
}

t.test('all the answers that a session of HTTP/2 leaves unread are given up, whatever else it reads', { timeout: 20_000 }, async (t) => {
  const server = await serveLarge(t, 500_000, {
    http: 'h2c', comet: { ...LARGE.comet, heartbeatInterval: 1000, maxConnections: 91 }
  })
  const session = openSession(server)
  const stream = await getInSession(session, pathOf('eventsource', { channel: 'b' }))
  stream.stream.resume()
  const unread = await Promise.all(Array.from({ length: 90 }, () =>
    getInSession(session, pathOf('long-poll', { channel: 'a', cursor: 'earliest' }))))
  for (const { stream } of unread) stream.on('error', () => { /* it is reset */ })
  t.match(await textOf(await get(server, pathOf('eventsource', { channel: 'a' }))), '"busy"')
  const [first, ...answers] = server.responses.slice(0, 91) as [FastifyReply['raw'], ...FastifyReply['raw'][]]
  const open = (): number => answers.filter((response) => Reflect.get(response, 'stream').destroyed === false).length
  t.equal(open(), 90)
  while (open() > 0) {
    await server.app.comet.publish('b', 'news')
    await new Promise((resolve) => { setTimeout(resolve, 10) })
  }
  t.equal(Reflect.get(first, 'stream').destroyed, false, 'the stream beside them goes on')
  const next = await get(server, pathOf('eventsource', { channel: 'a' }))
  t.match(server.app.comet.stats().connections, { eventsource: 2 })
  next.cut()
  session.destroy()
})

t.test('an answer that is read slowly arrives whole', async (t) => {
  const server = await serveLarge(t, 900_000, { http: 'h2c' })
  const { stream, headers } = await get(server, pathOf('long-poll', { channel: 'a', history: 1 }))
  let bytes = 0
  for await (const chunk of stream) {
    bytes += (chunk as Buffer).length
    await new Promise((resolve) => { setTimeout(resolve, 10) })
  }
  t.equal(bytes, Number(headers['content-length']))
  t.ok(bytes > 900_000)
})

t.test('polls at the same position share the bytes of their answers', async (t) => {
  const payloads: unknown[] = []
  const onSend = async (_request: unknown, _reply: unknown, payload: unknown): Promise<unknown> => {
    payloads.push(payload)
    return payload
  }
  const { app } = await serve(t, { comet: { routeOptions: { onSend } } })
  const cursor = app.comet.cursor()
  for (let i = 0; i < 100; i++) await app.comet.publish('a', i)
  const answers = await Promise.all([1, 2, 3].map(() => app.inject(pathOf('long-poll', { channel: 'a', cursor }))))
  for (const answer of answers) t.equal(answer.json().length, 100)
  t.equal(payloads[0], payloads[1])
  t.equal(payloads[0], payloads[2])
})
