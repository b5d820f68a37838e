import { execFile } from 'node:child_process'
import { connect } from 'node:net'
import { constants, createGunzip, gunzipSync } from 'node:zlib'
import t from 'tap'
import { type Body, get, textOf } from '../fixtures/bodies.ts'
import { payloads } from '../fixtures/payloads.ts'
import { type HttpVersion, serve, type ServerOptions, type TestServer } from '../fixtures/server.ts'
import { type Client, frame, framesOf, messages, pathOf, rest } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

const GZIP = { 'accept-encoding': 'gzip' }

function serveCompressed (t: Tap, http: HttpVersion = 'http', before?: ServerOptions['before']): Promise<TestServer> {
  return serve(t, { http, comet: { compress: true }, ...(before === undefined ? {} : { before }) })
}

type Tap = Pick<typeof t, 'teardown'>

/** The frames of a compressed response, each as it can be read. */
function inflated (transport: 'eventsource' | 'iframe', body: Body): Client {
  const gunzip = createGunzip({ flush: constants.Z_SYNC_FLUSH })
  body.stream.on('error', () => { /* it was cut */ })
  return framesOf(transport, { ...body, stream: body.stream.pipe(gunzip) })
}

for (const http of ['http', 'https', 'http2', 'h2c'] as const) {
  for (const transport of ['eventsource', 'iframe'] as const) {
    t.test(`${transport} over ${http} arrives compressed, each message when it is published`, async (t) => {
      const server = await serveCompressed(t, http)
      const body = await get(server, pathOf(transport, { channel: 'a' }), GZIP)
      t.match(body.headers, { 'content-encoding': 'gzip', vary: 'accept-encoding' })
      const client = inflated(transport, body)
      t.match(await client.next(), { type: 'open' })
      for (const data of [1, 'two', { three: [3] }]) {
        await server.app.comet.publish('a', data)
        t.strictSame((await messages(client, 1))[0]?.data, data)
      }
      server.app.comet.disconnect({ channel: 'a' })
      t.strictSame(
        await rest(client), [{ type: 'close', reason: 'disconnected' }], 'and its end is the end of a gzip stream'
      )
    })
  }
}

for (const transport of ['eventsource', 'iframe'] as const) {
  t.test(`compressed, ${transport} brings each payload value for value`, async (t) => {
    const server = await serveCompressed(t)
    const client = inflated(transport, await get(server, pathOf(transport, { channel: 'a' }), GZIP))
    await frame(client, 'open')
    for (const [, value] of payloads) await server.app.comet.publish('a', value)
    const received = await messages(client, payloads.length)
    payloads.forEach(([name, value], index) => {
      t.ok(JSON.stringify(received[index]?.data) === JSON.stringify(value), name)
    })
    server.app.comet.disconnect({ channel: 'a' })
    t.match(await rest(client), [{ type: 'close' }])
  })
}

t.test('a client of HTTP/1.0 gets a whole gzip stream without chunks', async (t) => {
  const server = await serveCompressed(t)
  const socket = connect(server.port, '127.0.0.1')
  const chunks: Buffer[] = []
  socket.on('data', (chunk: Buffer) => { chunks.push(chunk) })
  socket.write(`GET ${pathOf('eventsource', { channel: 'a' })} HTTP/1.0\r\nAccept-Encoding: gzip\r\n\r\n`)
  await until(() => server.app.comet.stats().connections.eventsource > 0, 'the stream is open')
  for (let i = 0; i < 100; i++) await server.app.comet.publish('a', `message ${i}`)
  const ended = new Promise((resolve) => { socket.once('end', resolve) })
  server.app.comet.disconnect({ channel: 'a' })
  await ended
  const response = Buffer.concat(chunks)
  const body = response.subarray(response.indexOf('\r\n\r\n') + 4)
  t.notMatch(response.subarray(0, response.length - body.length).toString(), /transfer-encoding/i)
  t.equal(gunzipSync(body).toString().match(/"message \d+"/g)?.length, 100)
})

t.test('a slow client gets all that is held, in one gzip stream', async (t) => {
  const server = await serve(t, { comet: { compress: true, maxBufferedBytes: 1000 } })
  const { comet } = server.app
  const cursor = comet.cursor()
  for (let i = 0; i < 500; i++) await comet.publish('a', `${i} ${Math.random().toString(36).repeat(50)}`)
  const body = await get(server, pathOf('eventsource', { channel: 'a', cursor }), GZIP)
  const client = inflated('eventsource', body)
  t.strictSame(
    (await messages(client, 500)).map(({ data }) => parseInt(String(data), 10)),
    Array.from({ length: 500 }, (_, i) => i)
  )
  comet.disconnect({ channel: 'a' })
  t.match(await rest(client), [{ type: 'close' }])
})

t.test('curl --compressed -N prints each message when it comes', async (t) => {
  const server = await serveCompressed(t)
  const curl = execFile('curl', ['-sN', '--compressed', server.url('eventsource?channel=a')])
  t.teardown(() => curl.kill())
  let text = ''
  let count = 0
  for await (const chunk of curl.stdout as NodeJS.ReadableStream) {
    text += String(chunk)
    if (count === 0 || text.includes(`"tick":${count}}`)) await server.app.comet.publish('a', { tick: ++count })
    if (count > 5) break
  }
  t.strictSame([...text.matchAll(/"tick":(\d)/g)].map(([, tick]) => tick), ['1', '2', '3', '4', '5'])
})

t.test('a client that does not accept gzip gets plain bytes, and caches are told of the difference', async (t) => {
  const server = await serveCompressed(t)
  for (const headers of [{}, { 'accept-encoding': 'br, gzip;q=0' }]) {
    const body = await get(server, pathOf('eventsource', { channel: 'a' }), headers)
    t.match(body.headers, { 'content-encoding': undefined, vary: 'accept-encoding' })
    const client = framesOf('eventsource', body)
    t.match(await client.next(), { type: 'open' })
    client.cut()
  }
})

t.test('Vary keeps what hooks have put into it', async (t) => {
  const server = await serveCompressed(t, 'http', (app) => {
    app.addHook('onRequest', async (_request, reply) => { reply.header('vary', 'Origin') })
  })
  const body = await get(server, pathOf('iframe', { channel: 'a' }), GZIP)
  t.equal(body.headers.vary, 'Origin, accept-encoding')
  body.cut()
})

t.test('a poll is not compressed', async (t) => {
  const server = await serveCompressed(t)
  const body = await get(server, pathOf('long-poll', { channel: 'a' }), GZIP)
  t.equal(body.headers['content-encoding'], undefined)
  t.match(JSON.parse(await textOf(body)), [{ type: 'open' }])
})

t.test('without the option nothing is compressed, and Vary is not touched', async (t) => {
  const server = await serve(t)
  const body = await get(server, pathOf('eventsource', { channel: 'a' }), GZIP)
  t.match(body.headers, { 'content-encoding': undefined, vary: undefined })
  body.cut()
})
