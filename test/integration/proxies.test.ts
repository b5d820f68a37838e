import { PassThrough } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { proxies, proxyNames, startProxy } from '../fixtures/proxies.ts'
import type { ProxyName } from '../fixtures/proxies.ts'
import { needs } from '../fixtures/requirement.ts'

for (const name of proxyNames) {
  t.test(`${name} starts, forwards and stops`, async (t) => {
    if (!needs(t, proxies[name].needs)) return
    const { url, stop } = await start(t, name)
    const response = await fetch(`${url}/path?query`)
    t.equal(await response.text(), '/path?query')
    await stop()
    await t.rejects(fetch(url))
  })
}

for (const name of ['nginx', 'apache', 'lighttpd'] as const) {
  t.test(`${name} passes a stream on when the origin asks for it`, async (t) => {
    if (!needs(t, proxies[name].needs)) return
    const { url, stream } = await start(t, name)
    const response = await fetch(`${url}/comet/stream`, { signal: AbortSignal.timeout(10_000) })
    t.notOk(stream.writableEnded)
    stream.end('ended')
    t.equal(await response.text(), 'begun ended')
  })
}

t.test('nginx-buffering keeps a stream back until it ends, whatever the origin asks for', async (t) => {
  if (!needs(t, 'nginx')) return
  const { url, stream } = await start(t, 'nginx-buffering')
  setTimeout(() => stream.end('ended'), 100)
  const response = await fetch(`${url}/comet/stream`, { signal: AbortSignal.timeout(10_000) })
  t.ok(stream.writableEnded)
  t.equal(await response.text(), 'begun ended')
})

async function start (t: Test, name: ProxyName) {
  const app = Fastify({ forceCloseConnections: true })
  const stream = new PassThrough()
  stream.write('begun ')
  app.get('/comet/stream', async (_request, reply) =>
    await reply.headers({ 'x-accel-buffering': 'no', 'cache-control': 'no-transform' }).send(stream))
  app.get('/*', async (request) => request.url)
  const origin = await app.listen({ host: '127.0.0.1', port: 0 })
  t.teardown(() => app.close())
  const proxy = await startProxy(name, Number(new URL(origin).port))
  t.teardown(() => proxy.stop())
  return { url: `http://127.0.0.1:${proxy.port}`, stop: proxy.stop, stream }
}
