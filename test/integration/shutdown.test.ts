import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { get, getInSession, openSession, textOf } from '../fixtures/bodies.ts'
import { createApp, serve, type TestServer } from '../fixtures/server.ts'
import { stubbornHttp2 } from '../fixtures/wire.ts'
import { connectTo, framesOf, held, messages, pathOf, rest } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

t.test('1000 connections on all transports are told and gone within 500 ms', async (t) => {
  // The clients share this process: the best of some tries is nearest to the server's own time.
  const times: number[] = []
  while (times.length < 4 && Math.min(...times) >= 500) times.push(await closeWith1000(t))
  t.comment(`app.close() took ${times.map(Math.round).join(', ')} ms`)
  t.ok(Math.min(...times) < 500, times.join())
})

async function closeWith1000 (t: Tap): Promise<number> {
  const server = await serve(t)
  const answers = await rawConnections(server, 1000)
  const start = ownTime()
  await server.app.close()
  const took = ownTime() - start
  const retries = (await Promise.all(answers)).map(retryIn)
  t.notOk(retries.includes(undefined), 'each has its close frame')
  t.ok(retries.every((retry) => Number(retry) >= 1000 && Number(retry) <= 5000))
  t.ok(new Set(retries).size > 500, 'drawn for each')
  return took
}

// On a busy machine, without the time for which Linux let this process wait for a processor.
function ownTime (): number {
  const waited = existsSync('/proc/self/schedstat')
    ? Number(readFileSync('/proc/self/schedstat', 'latin1').split(' ')[1]) / 1e6
    : 0
  return performance.now() - waited
}

type Tap = Pick<typeof t, 'teardown' | 'ok' | 'notOk'>

t.test('a socket that takes nothing is destroyed in time', async (t) => {
  const server = await serve(t, { comet: { channelBytes: 33_554_432 } })
  const stuck = framesOf('eventsource', await get(server, pathOf('eventsource', { channel: 'a' })))
  while (server.app.comet.stats().lagging === 0) await server.app.comet.publish('a', 'x'.repeat(60_000))
  const start = performance.now()
  await server.app.close()
  t.ok(performance.now() - start < 500)
  stuck.cut()
})

for (const http of ['http2', 'h2c'] as const) {
  t.test(`over ${http} the sessions that carried streams are closed too`, async (t) => {
    const server = await serve(t, { http })
    const session = openSession(server)
    const closed = once(session, 'close')
    const [eventsource, iframe, poll] = await Promise.all([
      getInSession(session, pathOf('eventsource', { channel: 'a' })),
      getInSession(session, pathOf('iframe', { channel: 'a' })),
      getInSession(session, pathOf('long-poll', { channel: 'a' }))
    ])
    await textOf(poll)
    const last = [framesOf('eventsource', eventsource), framesOf('iframe', iframe)].map(async (client) =>
      (await rest(client)).at(-1))
    const start = performance.now()
    await server.app.close()
    t.ok(performance.now() - start < 500)
    await closed
    for (const frame of await Promise.all(last)) t.match(frame, { type: 'close', reason: 'shutdown' })
  })
}

t.test('a session that does not close is destroyed', async (t) => {
  const server = await serve(t, { http: 'h2c', before: (app) => { app.get('/never', () => new Promise(() => {})) } })
  const session = openSession(server)
  session.on('error', () => { /* it is destroyed under it */ })
  session.request({ ':path': '/never' }).on('error', () => { /* with it */ })
  await getInSession(session, pathOf('eventsource', { channel: 'a' }))
  const start = performance.now()
  await server.app.close()
  t.ok(performance.now() - start < 900)
})

for (const http of ['http2', 'h2c'] as const) {
  t.test(`a client that does not close its connection over ${http} does not hold the server up`, { timeout: 20_000 }, async (t) => {
    const server = await serve(t, { http })
    const socket = await stubbornHttp2(server, pathOf('eventsource', { channel: 'a' }))
    socket.on('error', () => { /* it is reset */ })
    await server.app.close()
    t.equal(server.app.server.listening, false)
    socket.destroy()
  })
}

for (const transport of TRANSPORT_NAMES) {
  t.test(`what is authorized only after the server closed does not begin on ${transport}`, async (t) => {
    let allow: (answer: boolean) => void = () => {}
    const asked = new Promise<void>((resolve) => { options.onAsked = resolve })
    const server = await serve(t, {
      comet: {
        authorize: () => new Promise<boolean>((resolve) => {
          allow = resolve
          options.onAsked()
        })
      }
    })
    const pending = connectTo(server, transport, { channel: 'a', cursor: 'earliest' })
    await asked
    const closed = server.app.close()
    setImmediate(() => { allow(true) })
    const client = await pending
    t.equal(client.status, transport === 'eventsource' ? 200 : 503)
    await rest(client).catch(() => [])
    await closed
  })
}

for (const http of ['http', 'https', 'http2', 'h2c'] as const) {
  for (const transport of TRANSPORT_NAMES) {
    t.test(`the server does not wait for an authorize that never answers, on ${transport} over ${http}`, { timeout: 20_000 }, async (t) => {
      let onAsked: () => void = () => {}
      const asked = new Promise<void>((resolve) => { onAsked = resolve })
      const server = await serve(t, {
        http,
        comet: {
          authorize: () => {
            onAsked()
            return new Promise<boolean>(() => {})
          }
        }
      })
      const pending = connectTo(server, transport, { channel: 'a' })
      await asked
      await server.app.close()
      const client = await pending
      t.equal(client.status, transport === 'eventsource' ? 200 : 503)
      t.match(server.app.comet.stats(), { subscriptions: 0, rejected: 1 })
    })
  }
}

t.test('drain ends all of them, spread over its time, and sends new ones away', async (t) => {
  const server = await serve(t)
  const clients = await Promise.all(Array.from({ length: 40 }, (_, i) => held(server, i % 2 === 0
    ? 'eventsource'
    : 'iframe')))
  const ended = clients.map(async (client) => { await rest(client); return performance.now() })
  const start = performance.now()
  await server.app.comet.drain(400)
  const took = performance.now() - start
  t.ok(took >= 390 && took < 1000, `${took} ms`)
  const times = (await Promise.all(ended)).sort((a, b) => a - b)
  t.ok((times[20] as number) - (times[0] as number) > 100, 'not all at once')
  t.match(clients.map(({ received }) => received.at(-1)?.frame), clients.map(() =>
    ({ type: 'close', reason: 'shutdown', retry: Number })))
  const away = await connectTo(server, 'eventsource', { channel: 'a' })
  t.match([away.status, await rest(away)], [200, [{ type: 'close', reason: 'shutdown', retry: Number }]])
  t.ok(Number(away.received[0]?.retry) >= 1000)
  for (const transport of ['iframe', 'long-poll'] as const) {
    const { status, headers } = await get(server, pathOf(transport, { channel: 'a' }))
    t.match([status, Number(headers['retry-after']) >= 1], [503, true])
  }
  t.equal(server.app.comet.stats().rejected, 3)
})

t.test('drain at once, without connections, twice, or cut short by close, ends', async (t) => {
  const server = await serve(t)
  await server.app.comet.drain(0)
  await Promise.all([server.app.comet.drain(10_000), server.app.comet.drain(0)])
  const other = await serve(t)
  const client = await held(other, 'eventsource')
  const drained = other.app.comet.drain(60_000)
  await other.app.close()
  await drained
  t.match(await rest(client), [{ type: 'close' }])
})

t.test('after close a publish is refused and a subscriber has all that was published before', async (t) => {
  const app = await createApp(t)
  const heard: unknown[] = []
  app.comet.subscribe('a', ({ data }) => { heard.push(data) })
  await app.comet.publish('a', 1)
  await new Promise(setImmediate)
  await app.close()
  await t.rejects(app.comet.publish('a', 2), { code: 'COMET_ERR_CLOSED' })
  t.strictSame(heard, [1])
})

t.test('what was published in the turn of the close arrives before its frame', async (t) => {
  const server = await serve(t)
  const client = await held(server, 'eventsource')
  const published = server.app.comet.publish('a', 1)
  const closed = server.app.close()
  t.strictSame((await messages(client, 1)).map(({ data }) => data), [1])
  await Promise.all([published, closed])
})

const options = { onAsked: () => {} }

/** So many raw connections in turn on each transport, all open; each gives all it receives. */
async function rawConnections ({ app, port }: TestServer, count: number): Promise<Promise<string>[]> {
  const answers: Promise<string>[] = []
  const query = `channel=a&cursor=${app.comet.cursor()}`
  for (let i = 0; i < count; i++) {
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET /comet/${TRANSPORT_NAMES[i % 3]}?${query} HTTP/1.1\r\nHost: a\r\n\r\n`)
    answers.push(all(socket))
  }
  const open = (): number => Object.values(app.comet.stats().connections).reduce((sum, one) => sum + one, 0)
  await until(() => open() >= count, `${count} connections are open`, 60_000)
  return answers
}

async function all (socket: Socket): Promise<string> {
  let text = ''
  for await (const chunk of socket) text += String(chunk)
  return text
}

function retryIn (text: string): number | undefined {
  const [, retry] = /"type":"close","reason":"shutdown","retry":(\d+)/.exec(text) ?? []
  return retry === undefined ? undefined : Number(retry)
}
