import { Writable } from 'node:stream'
import Fastify from 'fastify'
import t from 'tap'
import type { CometOptions } from '../../lib/index.ts'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { get, textOf } from '../fixtures/bodies.ts'
import { type HttpVersion, serve } from '../fixtures/server.ts'
import { held, pathOf, rest } from '../fixtures/transport-clients.ts'

const SECRET = 'a-secret-of-a-page-1234567'

for (const http of ['http', 'h2c'] as const) {
  for (const transport of TRANSPORT_NAMES) {
    t.test(`${transport} over ${http} is logged once, at its end, whoever ends it, and never the secret`, async (t) => {
      const { server, lines, line } = await logged(t, http)
      const left = await held(server, transport, { client: SECRET })
      t.equal(lines.filter(isCompleted).length, 0)
      left.cut()
      await line(1)
      const ended = await held(server, transport, { client: SECRET })
      server.app.comet.disconnect({ channel: 'a' })
      await rest(ended)
      await line(2)
      await server.app.close()
      const completed = lines.filter(isCompleted)
      t.equal(completed.length, 2)
      t.match(completed, [
        { res: { statusCode: 200 }, responseTime: Number }, { res: { statusCode: 200 }, responseTime: Number }
      ])
      const requests = lines.filter(({ msg }) => msg === 'incoming request')
      t.match(requests.map(({ req }) => req.url), [/client=…/, /client=…/])
      t.notMatch(JSON.stringify(lines), SECRET)
    })
  }
}

t.test('a request that is refused is logged without the secret', async (t) => {
  const { server, lines, line } = await logged(t, 'http')
  for (const transport of TRANSPORT_NAMES) await textOf(await get(server, pathOf(transport, { client: SECRET })))
  await line(3)
  t.notMatch(JSON.stringify(lines), SECRET)
})

t.test('the end of a stream is a line with client, user, transport, channels and reason, that of a poll is for those who look closely', async (t) => {
  const { server, lines, line } = await logged(t, 'http')
  for (const [transport, level] of [['eventsource', 30], ['iframe', 30], ['long-poll', 20]] as const) {
    lines.splice(0)
    const client = await held(server, transport, { client: SECRET })
    server.app.comet.disconnect({ channel: 'a' })
    await rest(client)
    await line(1)
    t.match(lines.filter(({ msg }) => msg === 'comet connection ended'), [
      { level, reqId: String, client: /^[\w-]{22}$/, transport, channels: ['a'], reason: 'disconnected' }
    ])
  }
})

t.test('without request logging nothing is logged', async (t) => {
  const { server, lines } = await logged(t, 'http', { disableRequestLogging: true })
  const client = await held(server, 'eventsource')
  client.cut()
  await server.app.close()
  t.strictSame(lines.filter(({ msg }) => /request/.test(msg)), [])
})

class QuietController extends Fastify.LogController {
  override isLogDisabled ({ url }: { url?: string }): boolean {
    return url?.startsWith('/comet') === true
  }
}

const quiet: [what: string, fastify: object][] = [
  ['a LogController', { logController: new Fastify.LogController({ disableRequestLogging: true }) }],
  ['a LogController of the application', { logController: new QuietController() }],
  ['disableRequestLogging as a function', {
    logController: undefined, disableRequestLogging: ({ url }: { url: string }) => url.startsWith('/comet')
  }]
]

for (const [what, fastify] of quiet) {
  t.test(`${what} that logs no request keeps streams out of the log too`, async (t) => {
    const { server, lines } = await logged(t, 'http', fastify)
    const client = await held(server, 'eventsource')
    client.cut()
    await server.app.close()
    t.match(lines.filter(({ msg }) => msg === 'comet connection ended'), [{ level: 20 }])
    t.strictSame(lines.filter(({ msg }) => /request/.test(msg)), [])
  })
}

t.test('a LogController of the application writes the line of a stream whose client has left', async (t) => {
  const ended: unknown[] = []
  class Controller extends Fastify.LogController {
    override requestCompleted (error: unknown, request: { url: string }): void { ended.push([error, request.url]) }
  }
  const { server, lines } = await logged(t, 'http', { logController: new Controller() })
  const client = await held(server, 'eventsource')
  client.cut()
  await server.app.close()
  t.same(ended, [[null, '/comet/eventsource?channel=a']])
  t.match(lines.filter(({ msg }) => msg === 'comet connection ended'), [{ level: 30 }])
})

t.test('the log level and serializers that the plugin is registered with are those of its routes', async (t) => {
  const lines: Line[] = []
  const stream = new Writable({
    write (chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line)
      done()
    }
  })
  const logSerializers = { req: ({ url }: { url: string }) => ({ url: `own ${url}` }) }
  const options = { logLevel: 'warn', logSerializers } as unknown as CometOptions
  const { app } = await serve(t, { fastify: { logger: { level: 'info', stream } }, comet: options })
  await app.inject('/comet/long-poll?channel=a')
  t.strictSame(lines.filter(({ msg }) => /request/.test(msg)), [])
  const second = await serve(t, {
    fastify: { logger: { level: 'info', stream } }, comet: { logSerializers } as unknown as CometOptions
  })
  await second.app.inject(`/comet/long-poll?channel=a&client=${SECRET}`)
  t.match(lines.find(({ msg }) => msg === 'incoming request'), {
    req: { url: 'own /comet/long-poll?channel=a&client=…' }
  })
})

t.test('a serializer of the application stays, and shows no secret', async (t) => {
  const { server, lines } = await logged(t, 'http', {}, {
    req: (request: { url: string }) =>
      ({ mine: true, url: request.url })
  })
  const client = await held(server, 'eventsource', { client: SECRET })
  client.cut()
  await server.app.close()
  t.match(lines.find(({ msg }) => msg === 'incoming request')?.req, { mine: true, url: /client=…/ })
})

interface Line { msg: string, req: { url: string } }

function isCompleted ({ msg }: Line): boolean {
  return msg === 'request completed'
}

async function logged (t: Tap, http: HttpVersion, fastify = {}, serializers = {}) {
  const lines: Line[] = []
  let onLine = (): void => {}
  const stream = new Writable({
    write (chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)) as Line)
      onLine()
      done()
    }
  })
  const server = await serve(t, { http, fastify: { logger: { level: 'debug', stream, serializers }, ...fastify } })
  /** Resolves once so many requests were logged as completed. */
  const line = (count: number): Promise<void> => new Promise((resolve) => {
    onLine = () => { if (lines.filter(isCompleted).length >= count) resolve() }
    onLine()
  })
  return { server, lines, line }
}

type Tap = Pick<typeof t, 'teardown'>
