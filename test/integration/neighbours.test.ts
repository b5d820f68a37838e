import compress from '@fastify/compress'
import cookie from '@fastify/cookie'
import cors from '@fastify/cors'
import helmet from '@fastify/helmet'
import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { get, textOf } from '../fixtures/bodies.ts'
import { serve } from '../fixtures/server.ts'
import { frame, held, messages, pathOf, subscribe } from '../fixtures/transport-clients.ts'

for (const http of ['http', 'h2c'] as const) {
  for (const transport of TRANSPORT_NAMES) {
    t.test(`headers that other plugins and hooks set are on ${transport} over ${http}`, async (t) => {
      const server = await serve(t, {
        http,
        before: async (app) => {
          await app.register(cors, { origin: true, credentials: true })
          await app.register(helmet)
          await app.register(cookie)
          app.addHook('onRequest', async (_request, reply) => {
            reply.setCookie('session', '1').header('set-cookie', 'other=2').header('x-hook', 'yes')
          })
        }
      })
      const { headers, cut } = await get(server, pathOf(transport, { channel: 'a' }), {
        origin: 'https://elsewhere.example'
      })
      t.match(headers, {
        'access-control-allow-origin': 'https://elsewhere.example',
        'access-control-allow-credentials': 'true',
        'strict-transport-security': String,
        'x-content-type-options': 'nosniff',
        'x-hook': 'yes'
      })
      // @fastify/cookie writes its header in an onSend hook, which a stream does not pass.
      const cookies = transport === 'long-poll' ? ['other=2', 'session=1'] : ['other=2']
      t.strictSame(headers['set-cookie']?.map((one) => one.split(';')[0]).sort(), cookies)
      if (transport === 'iframe') {
        t.match(
          headers['content-security-policy'],
          /^default-src 'none'; script-src 'sha256-[^']+'; frame-ancestors 'self'; base-uri 'none'$/
        )
        t.equal(headers['x-frame-options'], undefined)
      } else {
        t.match(headers['content-security-policy'], 'default-src \'self\'')
        t.equal(headers['x-frame-options'], 'SAMEORIGIN')
      }
      cut()
    })
  }
}

for (const transport of TRANSPORT_NAMES) {
  t.test(`compression of the whole application neither breaks nor delays ${transport}`, async (t) => {
    const server = await serve(t, { before: (app) => app.register(compress, { global: true, threshold: 0 }) })
    const client = await subscribe(server, transport, { channel: 'a' }, transport === 'long-poll'
      ? {}
      : { 'accept-encoding': 'gzip' })
    await frame(client, 'open')
    for (let i = 0; i < 3; i++) {
      await server.app.comet.publish('a', i)
      t.match(await messages(client, 1), [{ data: i }])
    }
    client.cut()
  })
}

t.test('hooks that reject keep rejecting, and nothing is left', async (t) => {
  const server = await serve(t, {
    before: (app) => {
      app.addHook('onRequest', async (request) => {
        if (request.headers.authorization === undefined) {
          throw Object.assign(new Error('who are you?'), { statusCode: 401, code: 'WHO' })
        }
      })
    }
  })
  for (const transport of TRANSPORT_NAMES) {
    const body = await get(server, pathOf(transport, { channel: 'a' }))
    t.equal(body.status, 401)
    t.match(await textOf(body), 'WHO')
    const client = await held(server, transport, {}, { authorization: 'Bearer me' })
    client.cut()
  }
})

t.test('a hook of the routes alone rejects there alone', async (t) => {
  const server = await serve(t, {
    comet: {
      publishRoute: true,
      routeOptions: {
        preHandler: async (_request, reply) => {
          await reply.code(429).send({ slow: 'down' })
        }
      }
    },
    before: (app) => { app.get('/free', () => 'free') }
  })
  for (const path of [...TRANSPORT_NAMES.map((name) => pathOf(name, { channel: 'a' }))]) {
    t.equal((await server.app.inject(path)).statusCode, 429)
  }
  t.equal(
    (await server.app.inject({ method: 'POST', url: '/comet/publish', payload: { channel: 'a', data: 1 } })).statusCode,
    429
  )
  t.equal((await server.app.inject('/free')).statusCode, 200)
})
