import { EventEmitter, once } from 'node:events'
import { connect } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import Fastify from 'fastify'
import t from 'tap'
import type { Socket } from 'node:net'
import type { Test } from 'tap'
import { startHostileProxy } from '../fixtures/hostile-proxy.ts'

t.test('forwards request after request on one connection', async (t) => {
  const { proxy } = await start(t)
  const { socket, received } = await send(t, proxy.port, '/a', 'keep-alive')
  await once(socket, 'data')
  t.match(received.join(''), /\/a$/)
  socket.write('GET /b HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n')
  await once(socket, 'close')
  t.match(received.join(''), /\/b$/)
})

t.test('holds answers back until it forwards again', async (t) => {
  const { proxy, url, origin } = await start(t)
  proxy.behave({ does: 'hold', direction: 'down' })
  const answered = once(origin, 'answered')
  const answer = text(`${url}/a`)
  await answered
  t.equal(await soon(answer), 'nothing')
  proxy.behave({ does: 'forward' })
  t.equal(await answer, '/a')
})

t.test('holds requests back until it forwards again', async (t) => {
  const { proxy, url, origin } = await start(t)
  proxy.behave({ does: 'hold', direction: 'up' })
  const answered = once(origin, 'answered')
  const requested = proxy.request('/a')
  const answer = text(`${url}/a`)
  await requested
  t.equal(await soon(answered), 'nothing')
  proxy.behave({ does: 'forward' })
  t.equal(await answer, '/a')
})

t.test('drips single bytes', async (t) => {
  const { proxy } = await start(t)
  proxy.behave({ does: 'drip' })
  const { socket, received } = await send(t, proxy.port, '/a')
  await once(socket, 'close')
  t.match(received.join(''), /^HTTP\/1\.1 200 OK\r\n[^]*\/a$/)
  t.ok(received.length > 20, 'in many pieces')
})

t.test('cuts after so many bytes of the answer', async (t) => {
  const { proxy } = await start(t)
  proxy.behave({ does: 'cut', after: 12 })
  const { socket, received } = await send(t, proxy.port, '/a')
  await once(socket, 'close')
  t.equal(received.join(''), 'HTTP/1.1 200')
})

t.test('cuts one connection and leaves the others', async (t) => {
  const { proxy, url } = await start(t)
  const [link, stream] = await Promise.all([proxy.request('/stream'), fetch(`${url}/stream`)])
  link.cut()
  await t.rejects(stream.text())
  t.equal(await text(`${url}/a`), '/a')
})

t.test('stalls: neither side hears of the other, not even its end', async (t) => {
  const { proxy, origin } = await start(t)
  const { socket, received } = await send(t, proxy.port, '/stream')
  await once(socket, 'data')
  proxy.behave({ does: 'stall' })
  const gone = once(origin, 'gone')
  origin.emit('more')
  socket.destroy()
  t.equal(await soon(gone), 'nothing')
  t.notMatch(received.join(''), 'more')
  proxy.behave({ does: 'forward' })
  await gone
})

t.test('hands over what it stalled when it forwards again', async (t) => {
  const { proxy, origin } = await start(t)
  const { socket, received } = await send(t, proxy.port, '/stream')
  await once(socket, 'data')
  proxy.behave({ does: 'stall' })
  origin.emit('more')
  t.equal(await soon(once(socket, 'data')), 'nothing')
  proxy.behave({ does: 'forward' })
  await once(socket, 'data')
  t.match(received.join(''), 'more')
})

t.test('swallows one answer, which the origin has given', async (t) => {
  const { proxy, url, origin } = await start(t)
  proxy.behave({ does: 'swallow' })
  const answered = once(origin, 'answered')
  await t.rejects(text(`${url}/a`))
  t.same(await answered, ['/a'])
  t.equal(await text(`${url}/b`), '/b')
})

t.test('refuses by itself', async (t) => {
  const { proxy, url, origin } = await start(t)
  proxy.behave({ does: 'refuse', status: 502 })
  const answered = once(origin, 'answered')
  t.equal((await fetch(`${url}/a`, { method: 'POST', body: 'x' })).status, 502)
  proxy.behave({ does: 'forward' })
  t.equal(await text(`${url}/b`), '/b')
  t.same(await answered, ['/b'])
})

t.test('gzips an answer when it is complete', async (t) => {
  const { proxy, url, origin } = await start(t)
  proxy.behave({ does: 'gzip' })
  const requested = once(origin, 'streaming')
  const fetched = fetch(`${url}/stream`)
  await requested
  t.equal(await soon(fetched), 'nothing')
  origin.emit('end')
  const response = await fetched
  t.equal(response.headers.get('content-encoding'), 'gzip')
  t.equal(await response.text(), 'begun ended')
})

t.test('behaves by request target, and by connection', async (t) => {
  const { proxy, url, origin } = await start(t)
  proxy.behave((target) => target === '/bad' ? { does: 'refuse', status: 503 } : { does: 'forward' })
  t.equal((await fetch(`${url}/bad`)).status, 503)
  t.equal((await fetch(`${url}/good`)).status, 200)
  const requested = proxy.request('/stream')
  const { socket, received } = await send(t, proxy.port, '/stream')
  const link = await requested
  await once(socket, 'data')
  link.behave({ does: 'cut', after: 0 })
  proxy.behave({ does: 'forward' })
  origin.emit('more')
  await once(socket, 'close')
  t.notMatch(received.join(''), 'more')
})

t.test('stops, with all its connections', async (t) => {
  const { proxy, url } = await start(t)
  const stream = await fetch(`${url}/stream`)
  await proxy.stop()
  await t.rejects(stream.text())
  await t.rejects(fetch(url))
})

/**
 * An origin that echoes the target, or streams at `/stream`, behind a hostile proxy. It emits what it does and takes
 * `more` and `end`.
 */
async function start (t: Test) {
  const origin = new EventEmitter()
  const app = Fastify({ forceCloseConnections: true })
  app.addHook('onResponse', async (request) => { origin.emit('answered', request.url) })
  app.all('/*', async (request) => request.url)
  app.get('/stream', (_request, reply) => {
    const stream = reply.hijack().raw
    stream.write('begun ')
    stream.on('close', () => { origin.emit('gone') })
    origin.once('more', () => { stream.write('more') })
    origin.once('end', () => { stream.end('ended') })
    origin.emit('streaming')
  })
  const address = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const proxy = await startHostileProxy(Number(new URL(address).port))
  t.teardown(() => proxy.stop())
  return { proxy, url: `http://127.0.0.1:${proxy.port}`, origin }
}

async function text (url: string): Promise<string> {
  return await (await fetch(url)).text()
}

/** A request on a bare socket, and the pieces in which its answer comes. */
async function send (
  t: Test, port: number, target: string, connection = 'close'
): Promise<{ socket: Socket, received: string[] }> {
  const socket = connect(port, '127.0.0.1')
  t.teardown(() => socket.destroy())
  const received: string[] = []
  socket.on('data', (bytes) => { received.push(String(bytes)) })
  socket.write(`GET ${target} HTTP/1.1\r\nhost: test\r\nconnection: ${connection}\r\n\r\n`)
  return { socket, received }
}

/** What a promise gives within 50 ms: nobody can wait for the event that something does not happen. */
async function soon (promise: Promise<unknown>): Promise<unknown> {
  return await Promise.race([promise, pause(50, 'nothing')])
}
