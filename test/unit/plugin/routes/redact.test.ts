import type { FastifyInstance, FastifyRequest } from 'fastify'
import t from 'tap'
import { redactClient } from '../../../../lib/plugin/routes/redact.ts'
import { LogLines } from '../../../fixtures/log-lines.ts'
import { createApp } from '../../../fixtures/server.ts'

const CLIENT = 'x'.repeat(22)

/** A serializer for requests, of an application whose own serializer is given. */
function serializer (own: unknown): ((request: unknown) => unknown) | undefined {
  const log = { [Symbol.for('pino.serializers')]: own }
  return redactClient({ log } as unknown as FastifyInstance).logSerializers?.req
}

t.test('the request log of our routes does not show the secret', async (t) => {
  const log = new LogLines()
  const app = await createApp(t, { fastify: { logger: { level: 'info', stream: log } } })
  await app.inject(`/comet/long-poll?channel=a&client=${CLIENT}&token=t`)
  const incoming = log.lines.find(({ msg }) => msg === 'incoming request')
  t.match(incoming, { req: { method: 'GET', url: '/comet/long-poll?channel=a&client=…&token=t' } })
  t.notMatch(JSON.stringify(log.lines), CLIENT)
})

t.test('hides it wherever it stands, and nothing else', async (t) => {
  const serialize = serializer({ req: (request: unknown) => request })
  t.same(serialize?.({ url: `/a?client=${CLIENT}`, method: 'GET' }), { url: '/a?client=…', method: 'GET' })
  t.same(serialize?.({ url: `/a?client=1&b=2&client=${CLIENT}&myclient=3` }), {
    url: '/a?client=…&b=2&client=…&myclient=3'
  })
  t.same(serialize?.({ url: '/client=1' }), { url: '/client=1' })
})

t.test('hides it in what a serializer of the application shows', async (t) => {
  const log = new LogLines()
  const req = (request: FastifyRequest) =>
    ({ u: request.url, raw: { url: request.raw.url, original: request.originalUrl }, query: request.query })
  const app = await createApp(t, { fastify: { logger: { level: 'info', stream: log, serializers: { req } } } })
  await app.inject(`/comet/long-poll?channel=a&client=${CLIENT}&token=t`)
  const url = '/comet/long-poll?channel=a&client=…&token=t'
  t.match(log.lines.find(({ msg }) => msg === 'incoming request'), {
    req: { u: url, raw: { url, original: url }, query: { channel: 'a', client: '…', token: 't' } }
  })
  t.notMatch(JSON.stringify(log.lines), CLIENT)
})

t.test('leaves alone what is not as expected', async (t) => {
  const serialize = serializer({ req: (request: unknown) => request })
  for (const request of [undefined, null, 'text', {}, { url: 7 }, [1], { part: [{ client: 'a' }] }]) {
    t.same(serialize?.(request), request)
  }
  const socket = new (class Socket { client = 'a' })()
  t.equal((serialize?.({ socket }) as { socket: unknown }).socket, socket)
})

t.test('an application whose logger has no serializer for requests keeps its own way', async (t) => {
  for (const own of [undefined, null, {}, { req: 'text' }]) t.equal(serializer(own), undefined)
})
