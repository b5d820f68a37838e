import type { Socket } from 'node:net'
import t from 'tap'
import { get } from '../../fixtures/bodies.ts'
import { serve, type TestServer } from '../../fixtures/server.ts'
import { framesOf, messages, pathOf, readUntil } from '../../fixtures/transport-clients.ts'
import { until } from '../../fixtures/until.ts'

// Over HTTP/2 this fills the client's window of 64 KiB. Over HTTP/1.1 the system would take several megabytes: there
// the server's sockets are corked.
const HUGE = 'x'.repeat(200_000)
const comet = { maxMessageBytes: 500_000, channelBytes: 100_000_000, maxBufferedBytes: 1000 }

/** The sockets of the server keep what it writes, until they are released. */
function corked ({ app }: TestServer): { release (): void } {
  const sockets: Socket[] = []
  app.server.on('connection', (socket) => { sockets.push(socket); socket.cork() })
  return { release () { for (const socket of sockets) socket.uncork() } }
}

for (const http of ['http', 'h2c'] as const) {
  t.test(`over ${http} a stream whose first batch fills its socket waits, and goes on where it was`, async (t) => {
    const server = await serve(t, { http, comet })
    const { release } = http === 'http' ? corked(server) : { release () {} }
    await server.app.comet.publish('a', HUGE)
    const body = get(server, pathOf('eventsource', { channel: 'a', history: 1 }))
    await until(() => server.app.comet.stats().lagging === 1, 'the stream waits for its socket')
    await server.app.comet.publish('a', 'next')
    t.equal(server.app.comet.stats().lagging, 1)
    release()
    const client = framesOf('eventsource', await body)
    const [first, second] = await messages(client, 2)
    t.ok(first?.data === HUGE)
    t.equal(second?.data, 'next')
    await until(() => server.app.comet.stats().lagging === 0, 'the stream has caught up')
    client.cut()
  })
}

t.test('so does one whose first batch is the history of a channel that joins', async (t) => {
  const server = await serve(t, { comet })
  const { release } = corked(server)
  await server.app.comet.publish('a', HUGE)
  const cursor = server.app.comet.cursor()
  const body = get(server, pathOf('eventsource', { channel: ['a', 'b'], cursor, join: 'a', history: 1 }))
  await until(() => server.app.comet.stats().lagging === 1, 'the stream waits for its socket')
  await server.app.comet.publish('b', 'next')
  release()
  const client = framesOf('eventsource', await body)
  t.match(
    (await messages(client, 2)).map(({ channel, history }) => [channel, history]), [['a', true], ['b', undefined]]
  )
  client.cut()
})

t.test('one that waits is told of what it loses meanwhile when it goes on', async (t) => {
  let allowed = ['a', 'b']
  const server = await serve(t, {
    comet: { ...comet, authorizeInterval: 20, authorize: () => ({ channels: allowed }) }
  })
  const { release } = corked(server)
  await server.app.comet.publish('a', HUGE)
  const body = get(server, pathOf('eventsource', { channel: ['a', 'b'], history: 1 }))
  await until(() => server.app.comet.stats().lagging === 1, 'the stream waits for its socket')
  allowed = ['b']
  await until(() => server.app.comet.subscribers('a').length === 0, 'the channel is denied')
  release()
  const client = framesOf('eventsource', await body)
  const frames = await readUntil(client, ({ type }) => type === 'denied')
  t.strictSame(frames.at(-1), { type: 'denied', channels: ['a'] })
  client.cut()
})
