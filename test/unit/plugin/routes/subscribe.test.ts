import t from 'tap'
import type { FastifyInstance } from 'fastify'
import type { AuthorizeAnswer } from '../../../../lib/connections/authorization/authorize.ts'
import { TRANSPORT_NAMES } from '../../../../lib/protocol/wire.ts'
import { get } from '../../../fixtures/bodies.ts'
import { createApp, serve } from '../../../fixtures/server.ts'
import { framesOf, heldPoll, messages, pathOf } from '../../../fixtures/transport-clients.ts'
import { until } from '../../../fixtures/until.ts'

const OTHER = 'https://other.example'

for (const transport of TRANSPORT_NAMES) {
  t.test(`each request that ${transport} refuses is counted once`, async (t) => {
    let answer = async (): Promise<AuthorizeAnswer> => true
    const app = await createApp(t, { comet: { maxChannels: 2, authorize: () => answer() } })
    const statuses: number[] = []
    const ask = async (query: string): Promise<void> => {
      statuses.push((await app.inject(`/comet/${transport}?${query}`)).statusCode)
    }
    await ask('')
    await ask('channel=a&channel=b&channel=c')
    await ask(`channel=a&cursor=${'x'.repeat(7000)}`)
    answer = async () => false
    await ask('channel=a')
    answer = () => { throw Object.assign(new Error('who are you'), { statusCode: 401 }) }
    await ask('channel=a')
    t.same(statuses, [400, 400, 414, 403, 401])
    t.equal(app.comet.stats().rejected, 5)
  })

  const throwing = [
    // eslint-disable-next-line no-throw-literal -- it is the point
    ['at once', () => { throw 'no error' }],
    // eslint-disable-next-line no-throw-literal -- it is the point
    ['later', async () => { throw undefined }]
  ] as const
  for (const [when, authorize] of throwing) {
    t.test(`what is no error, thrown ${when} by authorize, is one of the server on ${transport}`, async (t) => {
      const app = await createApp(t, { comet: { authorize } })
      const { statusCode, body } = await app.inject(`/comet/${transport}?channel=a`)
      t.equal(statusCode, 500)
      t.match(body, 'COMET_ERR_UNEXPECTED')
      t.equal(app.comet.stats().rejected, 1)
    })
  }
}

t.test('a listed origin may embed the iframe and is posted to', async (t) => {
  const server = await serve(t, { comet: { origins: [OTHER] } })
  const body = await get(server, pathOf('iframe', { channel: 'a', origin: OTHER }))
  t.match([body.status, body.headers['content-security-policy']], [200, `frame-ancestors ${OTHER};`])
  const client = framesOf('iframe', body)
  await client.next()
  await server.app.comet.publish('a', 1)
  t.match(await messages(client, 1), [{ data: 1 }])
  client.cut()
})

t.test('origin is nothing to the other transports', async (t) => {
  const app = await createApp(t)
  t.equal((await app.inject('/comet/long-poll?channel=a&origin=https://evil.example')).statusCode, 200)
})

t.test('a client that has left while authorize thought about it is forgotten', async (t) => {
  let allow: (answer: boolean) => void = () => {}
  const server = await serve(t, {
    comet: {
      maxConnections: 1,
      authorize: () => new Promise<boolean>((resolve) => {
        allow = resolve
      })
    }
  })
  const closed = new Promise<void>((resolve) => {
    server.app.server.once('connection', (socket) => socket.once('close', resolve))
  })
  const leave = new AbortController()
  const asked = get(server, pathOf('eventsource', { channel: 'a' }), {}, leave.signal)
  await until(() => allow.length > 0, 'authorize is called')
  leave.abort()
  await t.rejects(asked)
  await closed
  allow(true)
  await new Promise(setImmediate)
  t.match(server.app.comet.stats(), { connections: { eventsource: 0 }, channels: 0, rejected: 0 })
  const second = get(server, pathOf('eventsource', { channel: 'a' }))
  while (server.app.comet.stats().connections.eventsource === 0) {
    allow(true)
    await new Promise(setImmediate)
  }
  (await second).cut()
})

t.test('a hook that spoils the answer of a held poll keeps nobody else from theirs', async (t) => {
  let spoil = false
  const server = await serve(t, {
    comet: {
      routeOptions: {
        onSend: (request, reply, payload, done) => {
          if (spoil && request.url.includes('spoilt')) reply.header('x-bad', 'a\nb')
          done(null, payload)
        }
      }
    }
  })
  const { app } = server
  const spoilt = await heldPoll(server, { channel: 'a', spoilt: 1 })
  const other = await heldPoll(server, { channel: 'a' })
  spoil = true
  await publishTo(app)
  t.match(await other.next(), { data: 1 })
  await spoilt.next().catch(() => { /* an error is no frame */ })
  t.match(app.comet.stats(), { connections: { 'long-poll': 0 }, subscriptions: 0, delivered: 2 })
})

async function publishTo ({ comet }: FastifyInstance): Promise<void> {
  await comet.publish('a', 1)
}
