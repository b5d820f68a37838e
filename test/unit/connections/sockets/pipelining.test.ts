import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { IncomingMessage, ServerResponse } from 'node:http'
import { connect, Socket } from 'node:net'
import { connect as connectSecurely } from 'node:tls'
import t from 'tap'
import type { Test } from 'tap'
import type { CometOptions } from '../../../../lib/index.ts'
import { isPipelined } from '../../../../lib/connections/sockets/pipelining.ts'
import { TRANSPORT_NAMES } from '../../../../lib/protocol/wire.ts'
import { type HttpVersion, serve, type TestServer } from '../../../fixtures/server.ts'
import { until } from '../../../fixtures/until.ts'

const FREE = { connections: { eventsource: 0, iframe: 0, 'long-poll': 0 }, subscriptions: 0 }

interface Ahead {
  readonly socket: Socket
  readonly text: () => string
  readonly ended: Promise<unknown>
}

/** Requests on one connection, none of them waiting for the answer to the one before. */
function ahead ({ http, port }: TestServer, ...paths: string[]): Ahead {
  const socket = http === 'https'
    ? connectSecurely({ port, host: '127.0.0.1', rejectUnauthorized: false })
    : connect({ port, host: '127.0.0.1' })
  socket.on('error', () => { /* a reset is one way to end */ })
  let received = ''
  socket.setEncoding('utf8').on('data', (text) => { received += String(text) })
  socket.write(paths.map((path) => `GET /comet/${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`).join(''))
  return { socket, text: () => received, ended: once(socket, 'close') }
}

async function start (t: Test, comet: CometOptions = {}, http: HttpVersion = 'http'): Promise<TestServer> {
  return serve(t, { comet, http, fastify: { forceCloseConnections: true } })
}

for (const http of ['http', 'https'] as const) {
  for (const transport of TRANSPORT_NAMES) {
    t.test(`a request for ${transport} sent ahead over ${http} is refused in its turn, and its connection closed`, async (t) => {
      const asked: string[] = []
      const server = await start(
        t, { maxConnectionsPerAddress: 1, authorize: (_request, { channels }) => asked.push(...channels) > 0 }, http
      )
      const { comet } = server.app
      const { text, ended } = ahead(server, `long-poll?channel=a&cursor=${comet.cursor()}`, `${transport}?channel=b`)
      await until(() => comet.stats().rejected === 1)
      t.match(comet.stats(), { connections: { 'long-poll': 1 }, subscriptions: 1 })
      t.same([asked, comet.subscribers('b')], [['a'], []])
      await comet.publish('a', 'first')
      await ended
      t.match(text(), /^HTTP\/1\.1 200 [^]*"first"[^]*HTTP\/1\.1 503 [^]*connection: close[^]*COMET_ERR_PIPELINED/i)
      t.match(comet.stats(), FREE)
    })
  }
}

t.test('an answer that comes meanwhile is that of the request it was for', async (t) => {
  const server = await start(t)
  const { socket, text } = ahead(server, 'long-poll?channel=a', 'long-poll?channel=b')
  await until(() => text().includes('"open"'))
  t.equal(text().match(/HTTP\/1\.1 200/g)?.length, text().match(/"type":"open"/g)?.length)
  socket.destroy()
})

t.test('whoever sends many requests ahead loses the connection, and holds no place', async (t) => {
  const server = await start(t, { maxConnectionsPerAddress: 1 })
  const { comet } = server.app
  for (let i = 0; i < 3; i++) {
    const { ended } = ahead(server, ...Array.from({ length: 400 }, () => 'eventsource?channel=a'))
    await ended
    await until(() => comet.stats().subscriptions === 0)
  }
  t.match(comet.stats(), FREE)
  const [one, other] = [ahead(server, 'eventsource?channel=a'), ahead(server, 'eventsource?channel=a')]
  await Promise.race([one.ended, other.ended, until(() => one.text().includes('"busy"') ||
    other.text().includes('"busy"'))])
  t.match(comet.stats(), { connections: { eventsource: 1 } }, 'one place is one place')
  one.socket.destroy()
  other.socket.destroy()
})

t.test('a few requests sent ahead leave the one before them alone', async (t) => {
  const server = await start(t)
  const { comet } = server.app
  const { socket, text } = ahead(server, ...Array.from({ length: 9 }, () => 'eventsource?channel=a'))
  await until(() => comet.stats().rejected === 8)
  await comet.publish('a', 'still there')
  await until(() => text().includes('still there'))
  socket.destroy()
  await until(() => comet.stats().subscriptions === 0)
  t.match(comet.stats(), FREE)
})

// A client of its own process, as fast as it can: its next request is there before Node has seen that the answer has
// left.
const POLLS = `
  import { connect } from 'node:tls'
  const socket = connect({ port: Number(process.argv[1]), rejectUnauthorized: false })
  const ask = () => socket.write('GET /comet/long-poll?channel=a HTTP/1.1\\r\\nhost: a\\r\\n\\r\\n')
  let text = '', polls = 0
  socket.setEncoding('utf8').on('data', (data) => {
    text += data
    if (!text.endsWith('}]')) return
    if (text.includes(' 503 ') || ++polls === 300) { console.log(polls); process.exit() }
    text = ''
    ask()
  })
  ask()
`

t.test('no request of a client that waits for its answers is taken for one sent ahead', async (t) => {
  const server = await start(t, { authorize: () => new Promise((resolve) => { setImmediate(resolve, true) }) }, 'https')
  const client = spawn(process.execPath, ['--input-type=module', '-e', POLLS, String(server.port)], {
    stdio: ['ignore', 'pipe', 'inherit']
  })
  let output = ''
  client.stdout.setEncoding('utf8').on('data', (text) => { output += String(text) })
  await once(client, 'close')
  t.equal(output.trim(), '300')
  t.equal(server.app.comet.stats().rejected, 0)
})

t.test('a response that has its socket need not wait', async (t) => {
  const raw = new ServerResponse(new IncomingMessage(new Socket()))
  raw.assignSocket(new Socket())
  t.equal(isPipelined(raw), false)
})

t.test('one whose turn comes in a moment has not been sent ahead', async (t) => {
  const raw = new ServerResponse(new IncomingMessage(new Socket()))
  const pipelined = isPipelined(raw)
  setImmediate(() => { raw.assignSocket(new Socket()) })
  t.equal(await pipelined, false)
})
