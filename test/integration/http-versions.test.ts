import { connect, type Socket } from 'node:net'
import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { frame, injectTo, messages, pathOf, subscribe } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

for (const http of ['http', 'https', 'http2', 'h2c'] as const) {
  for (const transport of TRANSPORT_NAMES) {
    t.test(`${transport} over ${http}`, async (t) => {
      const server = await serve(t, { http })
      await server.app.comet.publish('a', 0)
      const client = await subscribe(server, transport, { channel: 'a', history: 1 })
      t.match(await messages(client, 1), [{ data: 0 }])
      for (let i = 1; i < 4; i++) {
        await server.app.comet.publish('a', i)
        t.match(await messages(client, 1), [{ data: i }])
      }
      client.cut()
    })
  }
}

for (const transport of ['eventsource', 'iframe'] as const) {
  t.test(`${transport} to a client of HTTP/1.0 has no chunks, and ends with its connection`, async (t) => {
    const server = await serve(t)
    const { socket, text, arrives } = raw(server)
    socket.write(`GET ${pathOf(transport, { channel: 'a' })} HTTP/1.0\r\n\r\n`)
    await arrives('"open"')
    await server.app.comet.publish('a', 'one')
    await arrives('"one"')
    t.match(text(), /^HTTP\/1\.1 200 OK\r\n/)
    t.notMatch(text(), /transfer-encoding|content-length/i)
    t.notMatch(text(), /\r\n[0-9a-f]+\r\n/)
    server.app.comet.disconnect({ channel: 'a' })
    await arrives('"disconnected"')
    await ended(socket)
  })
}

for (const transport of TRANSPORT_NAMES) {
  t.test(`${transport} through app.inject()`, async (t) => {
    const server = await serve(t)
    const cursor = server.app.comet.cursor()
    for (let i = 0; i < 1000; i++) await server.app.comet.publish('a', 'x'.repeat(200))
    const client = await injectTo(server, transport, { channel: 'a', cursor })
    await messages(client, 1000)
    if (transport !== 'long-poll') {
      await server.app.comet.publish('a', 'live')
      t.match(await messages(client, 1), [{ data: 'live' }])
      client.cut()
      await new Promise((resolve) => setTimeout(resolve, 10))
    }
    t.match(server.app.comet.stats(), { connections: { [transport]: 0 }, subscriptions: 0 })
  })
}

t.test('an idle timeout of the server ends no stream and no held poll', async (t) => {
  const server = await serve(t, {
    fastify: { connectionTimeout: 100 }, comet: { pollTimeout: 400, heartbeatInterval: 400 }
  })
  for (const transport of TRANSPORT_NAMES) {
    const client = await subscribe(server, transport, {
      channel: 'a',
      ...(transport === 'long-poll'
        ? { cursor: server.app.comet.cursor() }
        : {})
    })
    await frame(client, 'heartbeat')
    client.cut()
    t.pass(transport)
  }
})

function raw ({ port }: TestServer) {
  const socket = connect(port, '127.0.0.1').setEncoding('utf8')
  let received = ''
  socket.on('data', (text) => { received += String(text) })
  async function arrives (text: string): Promise<void> {
    await until(() => received.includes(text), `${JSON.stringify(text)} has arrived`)
  }
  return { socket, arrives, text: () => received }
}

async function ended (socket: Socket): Promise<void> {
  if (!socket.readableEnded) await new Promise((resolve) => socket.once('end', resolve))
}
