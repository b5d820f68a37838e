// Clients that nobody here wrote, each used as its documentation says: whatever befalls the connection, they miss
// nothing without a gap, or say that they have given up.
import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { Frame } from '../../lib/protocol/wire.ts'
import { poll } from '../fixtures/browsers/engine.ts'
import { type HostileProxy, startHostileProxy } from '../fixtures/hostile-proxy.ts'
import {
  closeBrowser, type OtherClient, otherClients, PAGE, pageOf, type Reader, type Received
} from '../fixtures/other-clients/clients.ts'
import { needs } from '../fixtures/requirement.ts'
import { serve, type Teardown, type TestServer } from '../fixtures/server.ts'

const HISTORY = 30
const AWAY = 7000
const PATIENCE = { timeout: 60_000 }
// Some readers split lines at the first three, and the fourth is of two UTF-16 units.
const TEXT = '\u2028 \u2029 \u0085 💬'

interface World { server: TestServer, proxy: HostileProxy, reader: Reader }

// Most of their time they wait.
t.jobs = otherClients.length
t.teardown(closeBrowser)

for (const client of otherClients) {
  t.test(`${client.name} misses nothing without a gap`, { buffered: true }, async (t) => {
    if (!needs(t, ...client.needs)) return
    const world = await start(t, client)
    await publish(world, 1, 5)
    await receives(world, 5)

    cut(world)
    await publish(world, 6, 10)
    await receives(world, 10)

    cut(world)
    await publish(world, 11, 110)
    await receives(world, 110)

    world.proxy.behave({ does: 'refuse', status: 502 })
    cut(world)
    await publish(world, 111, 115)
    await pause(AWAY)
    world.proxy.behave({ does: 'forward' })
    await publish(world, 116, 120)
    const { frames, errors } = client.givesUpAt502 ? await givesUp(world) : await receives(world, 120)

    t.same(story(frames), [...numbers(1, 10), 'gap', ...numbers(111 - HISTORY, client.givesUpAt502 ? 110 : 120)])
    t.ok(texts(frames).every((text) => text === TEXT), 'each text is whole')
    t.same(errors, [], 'and nothing else reached the application')
  })
}

async function start (t: Teardown, client: OtherClient): Promise<World> {
  const server = await serve(t, {
    comet: { historySize: HISTORY },
    before: (app) => app.get<{ Params: { name: string } }>(`${PAGE}/:name`, async ({ params }, reply) => {
      reply.type('text/html')
      return await pageOf(params.name)
    })
  })
  const proxy = await startHostileProxy(server.port)
  t.teardown(() => proxy.stop())
  const reader = await client.start(t, `http://127.0.0.1:${proxy.port}`)
  await poll(
    async () => (await reader.received()).frames.some(({ type }) => type === 'open'), 'the first frame', PATIENCE
  )
  return { server, proxy, reader }
}

function cut ({ proxy }: World): void {
  for (const link of proxy.links) if (link.target.startsWith('/comet')) link.cut()
}

async function publish ({ server }: World, first: number, last: number): Promise<void> {
  for (const n of numbers(first, last)) await server.app.comet.publish('a', { n, text: TEXT })
}

async function receives ({ reader }: World, last: number): Promise<Received> {
  const received = await poll(async () => {
    const received = await reader.received()
    return story(received.frames).at(-1) === last && received
  }, `message ${last}`, PATIENCE)
  return received as Received
}

async function givesUp ({ reader }: World): Promise<Received> {
  const received = await poll(async () => {
    const received = await reader.received()
    return received.hasGivenUp && received
  }, 'its giving up', PATIENCE)
  return received as Received
}

/** The numbers received, and where a gap was told. */
function story (frames: Frame[]): (number | string)[] {
  return frames.flatMap((frame): (number | string)[] => {
    if (frame.type === 'gap') return ['gap']
    return frame.type === undefined ? [(frame.data as { n: number }).n] : []
  })
}

function texts (frames: Frame[]): string[] {
  return frames.flatMap((frame) => frame.type === undefined ? [(frame.data as { text: string }).text] : [])
}

function numbers (first: number, last: number): number[] {
  return Array.from({ length: last - first + 1 }, (_, index) => first + index)
}
