import diagnostics from 'node:diagnostics_channel'
import { createHash } from 'node:crypto'
import t from 'tap'
import { get, textOf } from '../fixtures/bodies.ts'
import { createApp, serve } from '../fixtures/server.ts'
import { connectTo, frame, held, heldPoll, pathOf, rest } from '../fixtures/transport-clients.ts'

const CLIENT = 'c'.repeat(22)
const DIGEST = createHash('sha256').update(CLIENT).digest('base64url').slice(0, 22)

t.test('a pause between two polls is no leaving, a longer one is', async (t) => {
  const told: string[] = []
  let onLeft = (): void => {}
  const left = new Promise<void>((resolve) => { onLeft = resolve })
  const server = await serve(t, {
    comet: {
      presenceGrace: 150,
      onSubscribe: ({ client }, channels) => { told.push(`+${client} ${channels.join()}`) },
      onUnsubscribe: ({ client }, channels) => { told.push(`-${client} ${channels.join()}`); onLeft() }
    }
  })
  for (let i = 0; i < 3; i++) await textOf(await get(server, pathOf('long-poll', { channel: 'a', client: CLIENT })))
  t.match(server.app.comet.subscribers('a'), [{ client: DIGEST, transport: 'long-poll', since: Number }])
  await left
  t.strictSame(told, [`+${DIGEST} a`, `-${DIGEST} a`])
})

t.test('a newer poll of a client answers its older one at once', async (t) => {
  const server = await serve(t)
  const older = await heldPoll(server, { channel: 'a', client: CLIENT })
  const newer = await heldPollBeside(server)
  t.match(await rest(older), [{ type: 'heartbeat', cursor: server.app.comet.cursor() }])
  newer.abort()
})

for (const criterion of [{ client: CLIENT }, { client: DIGEST }, { channel: 'a' }]) {
  t.test(`a client disconnected between two polls by ${Object.keys(criterion)[0]} is told at its next one`, async (t) => {
    const server = await serve(t)
    const path = pathOf('long-poll', { channel: 'a', client: CLIENT })
    await server.app.inject(path)
    t.equal(server.app.comet.disconnect(criterion), 1)
    t.strictSame((await server.app.inject(path)).json(), [{ type: 'close', reason: 'disconnected' }])
    t.match((await server.app.inject(path)).json(), [{ type: 'open' }])
  })
}

t.test('disconnect wants a criterion that it knows', async (t) => {
  const app = await createApp(t)
  t.throws(() => app.comet.disconnect('ann' as unknown as object), {
    code: 'COMET_ERR_ARGUMENT',
    message: 'comet: the criteria of disconnect must be an object such as { user: "ann" }, got "ann"'
  })
  for (const wrong of [{}, null, { users: 'a' }, { user: 1 }, { user: undefined }]) {
    t.throws(() => app.comet.disconnect(wrong as object), { code: 'COMET_ERR_ARGUMENT' })
  }
})

t.test('observers are told of publishes, connections and gaps, never of the secret', async (t) => {
  const events: [string, object][] = []
  for (const name of ['publish', 'connect', 'disconnect', 'gap']) {
    const listener = (event: unknown): void => { events.push([name, event as object]) }
    diagnostics.subscribe(`fastify-comet:${name}`, listener)
    t.teardown(() => diagnostics.unsubscribe(`fastify-comet:${name}`, listener))
  }
  const server = await serve(t)
  const id = await server.app.comet.publish('a', 'x')
  const client = await connectTo(server, 'eventsource', { channel: 'a', client: CLIENT, cursor: 'foreign' })
  await frame(client, 'gap')
  server.app.comet.disconnect({ channel: 'a' })
  await rest(client)
  t.same(events.map(([name]) => name), ['publish', 'connect', 'gap', 'disconnect'])
  t.match(Object.fromEntries(events), {
    publish: { id, channel: 'a', bytes: 3 },
    connect: { client: DIGEST, transport: 'eventsource', channels: ['a'] },
    disconnect: { client: DIGEST, reason: 'disconnected' }
  })
  t.notMatch(JSON.stringify(events), CLIENT)
  t.match(server.app.comet.stats(), { gaps: 1, delivered: 1, published: 1, connections: { eventsource: 0 } })
})

t.test('over maxConnectionsPerAddress the next one of that address is sent away', async (t) => {
  const server = await serve(t, { comet: { maxConnectionsPerAddress: 1 } })
  const client = await held(server, 'iframe')
  t.equal((await get(server, pathOf('long-poll', { channel: 'a' }))).status, 503)
  client.cut()
})

t.test('a stream that is old enough rotates: its client may come back at once', async (t) => {
  const server = await serve(t, { comet: { maxConnectionAge: 100 } })
  const client = await held(server, 'iframe')
  const close = (await rest(client)).at(-1)
  t.match(close, { type: 'close', reason: 'rotate' })
  t.ok(close?.type === 'close' && Number(close.retry) >= 0 && Number(close.retry) <= 1000)
})

t.test('two instances in one application know nothing of each other', async (t) => {
  const server = await serve(t, {
    comet: { name: 'first', prefix: '/one' },
    before: async (app) => {
      await app.register((await import('../../lib/index.ts')).default, { serveClient: false })
    }
  })
  const first = Reflect.get(server.app, 'first') as typeof server.app.comet
  await first.publish('a', 1)
  t.match([first.stats().published, server.app.comet.stats().published], [1, 0])
  t.match((await server.app.inject('/one/long-poll?channel=a&history=1')).json(), [{ type: 'open' }, { data: 1 }])
  t.match((await server.app.inject('/comet/long-poll?channel=a&history=1')).json(), [{ type: 'open' }])
})

async function heldPollBeside (server: Awaited<ReturnType<typeof serve>>): Promise<AbortController> {
  const leave = new AbortController()
  get(
    server, pathOf('long-poll', { channel: 'a', client: CLIENT, cursor: server.app.comet.cursor() }), {}, leave.signal
  )
    .catch(() => { /* it leaves */ })
  return leave
}
