// Several nodes on one log in Redis, as clients see them that are sent to any of them.
import t from 'tap'
import { redisLog } from '../../lib/log/redis/redis-log.ts'
import { RedisServer } from '../fixtures/redis.ts'
import { needs } from '../fixtures/requirement.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { TcpProxy } from '../fixtures/tcp-proxy.ts'
import { connectTo, held, isMessage, messages, pathOf, readUntil, rest } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

t.test('nodes on a log in Redis', async (t) => {
  if (!needs(t, 'redis')) return
  const redis = await RedisServer.start()
  t.teardown(() => redis.stop())
  let streams = 0

  async function start (stream: string, publishTimeout = 60_000): Promise<TestServer & { proxy: TcpProxy }> {
    const proxy = await TcpProxy.start(redis.port)
    t.teardown(() => proxy.stop())
    const server = await serve(t, { comet: { log: redisLog(redis.client(t, proxy.port), { stream, publishTimeout }) } })
    return { ...server, proxy }
  }

  t.test('a poll whose cursor is of one node is answered by another one that has not read that far yet', async (t) => {
    const stream = `nodes-${++streams}`
    const [a, b] = [await start(stream), await start(stream)]
    b.proxy.delay = 100
    const first = await a.app.comet.publish('room', 1)
    const second = await a.app.comet.publish('room', 2)
    const third = await a.app.comet.publish('room', 3)
    t.not(b.app.comet.cursor(), third)
    const client = await connectTo(b, 'long-poll', { channel: 'room', cursor: second })
    t.same(await rest(client), [{ id: third, channel: 'room', data: 3 }])
    t.match(await a.app.comet.history('room', { after: first }), { gap: false, messages: [{ data: 2 }, { data: 3 }] })
  })

  t.test('a node that is born later serves resumes from before its birth', async (t) => {
    const stream = `nodes-${++streams}`
    const a = await start(stream)
    const first = await a.app.comet.publish('room', 1)
    await a.app.comet.publish('room', 2)
    const b = await start(stream)
    t.equal(b.app.comet.cursor(), a.app.comet.cursor())
    const client = await connectTo(b, 'eventsource', { channel: 'room', cursor: first })
    t.match(await readUntil(client, isMessage), [{ type: 'open', resumed: true }, { data: 2 }])
    client.cut()
  })

  t.test('a node that has lost Redis serves what it retains, refuses to publish, and resumes where it was', async (t) => {
    const stream = `nodes-${++streams}`
    const [a, b] = [await start(stream), await start(stream, 300)]
    const first = await a.app.comet.publish('room', 1)
    await b.app.comet.history('room', { after: first })
    const client = await held(b, 'eventsource', { channel: 'room' })
    b.proxy.cut()
    await until(() => !b.app.comet.stats().log.connected, 'the node has lost its log')
    t.match(await messages(await connectTo(b, 'eventsource', { channel: 'room', history: 1 }), 1), [{ id: first }])
    await t.rejects(b.app.comet.publish('room', 'refused'), { code: 'COMET_ERR_LOG_UNAVAILABLE', statusCode: 503 })
    await a.app.comet.publish('room', 2)
    b.proxy.mend()
    t.match(await readUntil(client, isMessage), [{ data: 2 }])
    t.equal(b.app.comet.stats().log.connected, true)
    client.cut()
  })

  t.test('disconnect on one node ends the connections on all', async (t) => {
    const stream = `nodes-${++streams}`
    const [a, b] = [await start(stream), await start(stream)]
    const client = await held(b, 'eventsource', { channel: 'room' })
    t.equal(a.app.comet.disconnect({ channel: 'room' }), 0)
    t.same(await rest(client), [{ type: 'close', reason: 'disconnected' }])
  })

  t.test('a client that is disconnected between two polls is refused by any node that its next poll comes to', async (t) => {
    const stream = `nodes-${++streams}`
    const [a, b] = [await start(stream), await start(stream)]
    const path = pathOf('long-poll', { channel: 'room', client: 'c'.repeat(32) })
    await a.app.inject(path)
    t.equal(b.app.comet.disconnect({ channel: 'room' }), 0)
    const admin = redis.client(t)
    await until(async () => await admin.xlen(stream) >= 2, 'both control messages are in the stream')
    await b.app.comet.publish('room', 'read after the notes')
    t.same((await b.app.inject(path)).json(), [{ type: 'close', reason: 'disconnected' }])
  })

  t.test('disconnect while the log is away reaches the other nodes once it is back', async (t) => {
    const stream = `nodes-${++streams}`
    const [a, b] = [await start(stream, 200), await start(stream)]
    const client = await held(b, 'eventsource', { channel: 'room' })
    a.proxy.cut()
    await until(() => !a.app.comet.stats().log.connected, 'the node has lost its log')
    a.app.comet.disconnect({ channel: 'room' })
    await t.rejects(a.app.comet.publish('room', 'given up'), { code: 'COMET_ERR_LOG_UNAVAILABLE' })
    a.proxy.mend()
    t.same(await rest(client), [{ type: 'close', reason: 'disconnected' }])
  })

  t.test('when everything is flushed, streams receive a gap and continue in the new epoch', async (t) => {
    const stream = `nodes-${++streams}`
    const [a, b] = [await start(stream), await start(stream)]
    await a.app.comet.publish('room', 1)
    const client = await held(b, 'eventsource', { channel: 'room' })
    await redis.client(t).flushall()
    await a.app.comet.publish('room', 2)
    const frames = await readUntil(client, (frame) => isMessage(frame) && frame.data === 2)
    t.match(frames.slice(-2), [{ type: 'gap', reason: 'restarted', channels: ['room'] }, { data: 2 }])
    client.cut()
  })

  t.test('after a restart from an older dump each client gets a gap, none a message twice, and new ones all there is, on any node', async (t) => {
    const stream = `nodes-${++streams}`
    const nodes = [await start(stream), await start(stream), await start(stream)]
    const a = nodes[0] as TestServer
    const clients = await Promise.all(nodes.map((node) => held(node, 'eventsource', { channel: 'room' })))
    for (const data of [1, 2, 3]) await a.app.comet.publish('room', data)
    await redis.client(t).save()
    await a.app.comet.publish('room', 'not in the dump')
    for (const client of clients) {
      await readUntil(client, (frame) => isMessage(frame) && frame.data === 'not in the dump')
    }
    await redis.kill()
    await redis.run()
    await a.app.comet.publish('room', 4)
    for (const client of clients) {
      const frames = await readUntil(client, (frame) => isMessage(frame) && frame.data === 4)
      t.match(frames, [{ type: 'gap', reason: 'restarted', channels: ['room'] }, { data: 4 }])
      t.equal(frames.length, 2)
      client.cut()
    }
    for (const node of [...nodes, await start(stream)]) {
      const newcomer = await connectTo(node, 'eventsource', { channel: 'room', history: 10 })
      const frames = await readUntil(newcomer, (frame) => isMessage(frame) && frame.data === 4)
      t.same(frames.filter(isMessage).map(({ data }) => data), [1, 2, 3, 4])
      newcomer.cut()
    }
  })

  t.test('a node whose log cannot be reached starts, and lets clients wait', async (t) => {
    const proxy = await TcpProxy.start(redis.port)
    t.teardown(() => proxy.stop())
    proxy.cut()
    const server = await serve(t, {
      comet: { log: redisLog(redis.client(t, proxy.port), { stream: `nodes-${++streams}` }) }
    })
    t.equal(server.app.comet.stats().log.connected, false)
    const pending = connectTo(server, 'eventsource', { channel: 'room' })
    proxy.mend()
    const client = await pending
    t.match(await client.next(), { type: 'open' })
    client.cut()
  })
})
