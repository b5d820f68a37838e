import { get } from '../fixtures/bodies.ts'
import { once } from 'node:events'
import t from 'tap'
import type { SlowConsumer } from '../../lib/history/settings.ts'
import { type HttpVersion, serve, type TestServer } from '../fixtures/server.ts'
import { framesOf, isMessage, pathOf, readUntil, rest } from '../fixtures/transport-clients.ts'

const BIG = 'x'.repeat(60_000)

for (const http of ['http', 'https', 'http2', 'h2c'] as const) {
  t.test(`over ${http} a client that was slow gets all that is held once it reads again`, async (t) => {
    const { server, client } = await outrun(t, 'resume', http)
    const frames = await readUntil(client, (frame) => isMessage(frame) && frame.data === 'last')
    t.strictSame(frames.filter(isMessage).map(({ id }) => id), server.ids)
    t.equal(server.app.comet.stats().lagging, 0)
    client.cut()
  })
}

t.test('latest skips to the newest message, with a gap', async (t) => {
  const { server, client } = await outrun(t, 'latest')
  const frames = await readUntil(client, (frame) => isMessage(frame) && frame.data === 'last')
  t.match(frames.at(-2), { type: 'gap', channels: ['a'], reason: 'skipped', cursor: server.ids.at(-2) })
  t.ok(frames.length < 100)
  client.cut()
})

t.test('disconnect ends the connection, with a reason and a time to come back', async (t) => {
  const { server, client } = await outrun(t, 'disconnect')
  const close = (await rest(client)).at(-1)
  t.match(close, { type: 'close', reason: 'slow' })
  t.ok(close?.type === 'close' && Number(close.retry) >= 1000 && Number(close.retry) <= 5000)
  t.match(server.app.comet.stats(), { connections: { eventsource: 0 }, lagging: 0 })
})

t.test('each channel has its own way', async (t) => {
  const { client, server } = await outrun(t, (channel) => channel === 'a' ? 'latest' : 'resume')
  const b = await server.app.comet.publish('b', 1)
  const frames = await readUntil(client, (frame) => 'id' in frame && frame.id === b)
  t.ok(frames.some((frame) => frame.type === 'gap' && frame.reason === 'skipped' && frame.channels.join() === 'a'))
  client.cut()
})

t.test('a lagging client that never reads again is destroyed after two heartbeats', async (t) => {
  const { server } = await outrun(t, 'resume', 'http', { heartbeatInterval: 300 })
  const [socket] = server.sockets
  if (socket?.destroyed === false) await once(socket, 'close')
  t.match(server.app.comet.stats(), { connections: { eventsource: 0 }, lagging: 0 })
})

/** A client that reads nothing until its server noticed. */
async function outrun (
  t: Tap, slowConsumer: SlowConsumer | ((channel: string) => SlowConsumer), http: HttpVersion = 'http', options = {}
) {
  const base = await serve(t, { http, comet: { slowConsumer, channelBytes: 67_108_864, ...options } })
  const server: TestServer & { ids: string[], sockets: Socket[] } = { ...base, ids: [], sockets: [] }
  base.app.server.on('connection', (socket: Socket) => { server.sockets.push(socket) })
  const client = framesOf('eventsource', await get(server, pathOf('eventsource', { channel: ['a', 'b'] })))
  const { comet } = server.app
  const isLeft = (): boolean => comet.stats().lagging === 1 || comet.stats().connections.eventsource === 0
  while (!isLeft()) server.ids.push(await comet.publish('a', BIG))
  for (let i = 0; i < 20; i++) server.ids.push(await comet.publish('a', BIG))
  server.ids.push(await comet.publish('a', 'last'))
  return { server, client }
}

type Tap = Pick<typeof t, 'teardown'>
interface Socket extends NodeJS.EventEmitter { readonly destroyed: boolean }
