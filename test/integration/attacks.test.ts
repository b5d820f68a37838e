import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { get, textOf } from '../fixtures/bodies.ts'
import { createApp, serve, type TestServer } from '../fixtures/server.ts'
import { connectTo, frame, held, messages, pathOf, subscribe } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

const FRIEND = 'https://friend.example'

const POISONED = [

  `${FRIEND};script-src *`,
    `${FRIEND} *`,
    `${FRIEND}\r\nset-cookie: a=1`,
    `${FRIEND}/`,
    `${FRIEND}.evil.example`,
    `${FRIEND}@evil.example`,

    'https://evil.example',
    'HTTPS://FRIEND.EXAMPLE',
    'null',
    '*',
    "'self'",
    '',
    '</script><script>alert(1)</script>'

]

t.test('no other origin than those listed gets into a policy, a header or a document', async (t) => {
  const app = await createApp(t, { comet: { origins: [FRIEND] } })
  for (const origin of POISONED) {
    const answer = await app.inject(pathOf('iframe', { channel: 'a', origin }))
    t.equal(answer.statusCode, 403, origin)
    t.match(answer.headers['content-security-policy'], /frame-ancestors 'self';/)
    t.notMatch(JSON.stringify(answer.headers), /evil|set-cookie|alert|script-src \*/)
    t.notMatch(answer.body, /<\/script><script>alert/)
  }
})

t.test('a host that is made up makes no origin one of ours', async (t) => {
  const app = await createApp(t, { comet: { publishRoute: true, authorize: () => true } })
  const frame = await app.inject({
    url: pathOf('iframe', { channel: 'a', origin: 'http://evil.example' }),
    headers: { host: 'evil.example' },
    payloadAsStream: true
  })
  t.match(frame.headers['content-security-policy'], /frame-ancestors 'self';/)
  frame.raw.res.destroy()
  const publish = await app.inject({
    method: 'POST',
    url: '/comet/publish',
    headers: { host: 'ours.example', origin: 'http://evil.example' },
    payload: { channel: 'a', data: 1 }
  })
  t.equal(publish.statusCode, 403)
})

for (const transport of TRANSPORT_NAMES) {
  t.test(`an answer does not tell whether a forbidden channel exists, over ${transport}`, async (t) => {
    const server = await serve(t, { comet: { authorize: () => false } })
    await server.app.comet.publish('there', 'secret')
    server.app.comet.subscribe('there', () => {})
    const answers = []
    for (const channel of ['there', 'away!']) {
      const body = await get(server, pathOf(transport, { channel, history: 10 }))
      const { date, ...headers } = body.headers
      answers.push({ status: body.status, headers, text: await textOf(body) })
    }
    t.same(answers[0], answers[1])
    t.notMatch(answers[0]?.text, 'there')
  })

  t.test(`names that objects have are channels like others, over ${transport}`, async (t) => {
    const server = await serve(t)
    const names = ['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty']
    const client = await subscribe(server, transport, {
      channel: names, client: 'constructor-constructor', 'constructor[prototype]': 'x', '__proto__[polluted]': 'x'
    })
    await frame(client, 'open')
    for (const name of names) await server.app.comet.publish(name, { ['__proto__']: 1, name }, { key: '__proto__' })
    t.same((await messages(client, names.length)).map(({ channel }) => channel), names)
    t.equal(server.app.comet.subscribers('__proto__').length, 1)
    t.equal(server.app.comet.disconnect({ channel: '__proto__' }), 1)
    t.notOk('polluted' in {})
    client.cut()
  })
}

t.test('a body that would pollute, where the application lets it in, publishes what it says and nothing else', async (t) => {
  const app = await createApp(t, {
    fastify: { onProtoPoisoning: 'ignore', onConstructorPoisoning: 'ignore' },
    comet: {
      publishRoute: true, authorize: () => true
    }
  })
  const post = (payload: string) =>
    app.inject({ method: 'POST', url: '/comet/publish', headers: { 'content-type': 'application/json' }, payload })
  t.equal((await post('{"__proto__":{"channel":"a","data":1}}')).json().code, 'COMET_ERR_CHANNEL')
  t.equal((await post('{"channel":"a","data":{"__proto__":{"polluted":1}},"__proto__":{"key":"k"}}')).statusCode, 201)
  t.equal((await post('{"channel":"a","data":2,"constructor":{"prototype":{"polluted":1}}}')).statusCode, 201)
  t.notOk('polluted' in {})
  t.equal((await app.comet.history('a')).messages.length, 2)
})

t.test('nothing of a request gets into the head of its answer', async (t) => {
  const app = await createApp(t)
  const evil = 'x\r\nset-cookie: evil=1'
  for (const transport of TRANSPORT_NAMES) {
    for (const key of ['channel', 'cursor', 'history', 'join', 'client', 'origin', 'other']) {
      const { headers } = await app.inject(`/comet/${transport}?${key}=${encodeURIComponent(evil)}`)
      t.notMatch(JSON.stringify(headers), 'evil', `${transport}: ${key}`)
    }
  }
})

t.test('what is too large is refused, whatever it is', async (t) => {
  const server = await serve(t, { comet: { publishRoute: true, authorize: () => true } })
  const publish = async (body: object | string): Promise<number> => (await fetch(server.url('publish'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof body === 'string'
      ? body
      : JSON.stringify(body)
  })).status
  t.equal(await publish({ channel: 'a', data: 'x'.repeat(70_000) }), 413)
  t.equal(await publish({ channel: 'a'.repeat(256), data: 1 }), 400)
  t.equal(await publish({ channel: 'a', data: 1, key: 'k'.repeat(256) }), 400)
  const nested = await publish(`{"channel":"a","data":${'['.repeat(32_000)}${']'.repeat(32_000)}}`)
  t.ok([201, 400].includes(nested), `${nested} to what is nested deeply`)
  const heads = await get(server, pathOf('eventsource', { channel: 'a' }), { 'x-large': 'x'.repeat(20_000) })
  t.equal(heads.status, 431)
  heads.cut()
  t.equal((await server.app.inject('/comet/long-poll?channel=a')).statusCode, 200)
})

t.test('100,000 names of channels from one client leave nothing behind', async (t) => {
  const child = fork(new URL('../fixtures/many-names.ts', import.meta.url), {
    execArgv: [...process.execArgv, '--expose-gc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ grown, stats }] = await once(child, 'message') as [{ grown: number, stats: object }]
  t.match(stats, { channels: 0, subscriptions: 0, history: { messages: 0, bytes: 0 } })
  t.ok(grown < 8_000_000, `${grown} bytes more`)
})

t.test('100,000 names that are published on take no more than the history may hold', async (t) => {
  const app = await createApp(t, { comet: { historyBytes: 1_048_576 } })
  for (let i = 0; i < 100_000; i++) await app.comet.publish(`channel-${i}`, i)
  // What was published in this turn is let go at its end.
  await new Promise(setImmediate)
  await new Promise(setImmediate)
  const { history, channels } = app.comet.stats()
  t.ok(history.bytes <= 1_048_576, `${history.bytes} bytes for ${channels} channels`)
})

t.test('who opens and aborts again and again costs nothing that stays', async (t) => {
  const server = await serve(t)
  for (let i = 0; i < 30; i++) {
    await Promise.all(Array.from({ length: 20 }, async (_, n) => {
      const leave = new AbortController()
      const request = connectTo(server, TRANSPORT_NAMES[n % 3] ??
        'iframe', { channel: `${i}-${n}`, cursor: server.app.comet.cursor() }, {}, leave.signal)
      setTimeout(() => { leave.abort() }, n % 5)
      const client = await request.catch(() => undefined)
      client?.cut()
    }))
  }
  await until(() => server.app.comet.stats().subscriptions === 0 && server.app.comet.stats().channels === 0)
  t.match(server.app.comet.stats(), { channels: 0, subscriptions: 0 })
})

t.test('a head without an end is refused, a slow one is cut off, and a stream beside them goes on', async (t) => {
  const patience = { http: { headersTimeout: 300, requestTimeout: 300, connectionsCheckingInterval: 50 } }
  const server = await serve(t, { fastify: patience as object })
  const client = await held(server, 'eventsource')
  t.match(
    await answerTo(server, `GET /comet/eventsource?channel=a HTTP/1.1\r\n${'x: y\r\n'.repeat(10_000)}`), 'HTTP/1.1 431'
  )
  t.match(await answerTo(server, 'GET /comet/eventsource?channel=a HTTP/1.1\r\nhost: lo'), 'HTTP/1.1 408')
  await server.app.comet.publish('a', 1)
  t.match(await messages(client, 1), [{ data: 1 }])
  client.cut()
})

async function answerTo ({ port }: TestServer, text: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1' })
  socket.on('error', () => { /* what it has not read is reset */ })
  socket.write(text)
  let answer = ''
  socket.on('data', (bytes) => { answer += String(bytes) })
  if (!socket.closed) await new Promise((resolve) => { socket.once('close', resolve) })
  return answer
}

t.test('whoever is sent away costs no question and no channel', async (t) => {
  let asked = 0
  const server = await serve(t, { comet: { maxConnections: 1, authorize: () => { asked++; return true } } })
  const client = await held(server, 'iframe')
  for (const transport of TRANSPORT_NAMES) {
    const body = await get(server, pathOf(transport, { channel: 'other' }))
    t.match(await textOf(body), /busy|COMET_ERR_BUSY/)
  }
  t.equal(asked, 1)
  t.match(server.app.comet.stats(), { channels: 1, rejected: 3 })
  client.cut()
})
