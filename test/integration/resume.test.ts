import { Agent, request } from 'node:http'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import type { Frame, TransportName } from '../../lib/protocol/wire.ts'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { connectTo, injectTo, isMessage, pathOf, positionAfter, readUntil } from '../fixtures/transport-clients.ts'

const CHANNELS = ['a', 'b', 'c', 'd', 'e']
const COUNT = 1000

t.test('from each position in a history of 1000 messages over 5 channels', async (t) => {
  const server = await serve(t, { comet: { pollTimeout: 20 } })
  const start = server.app.comet.cursor()
  const ids: string[] = []
  for (let i = 0; i < COUNT; i++) ids.push(await server.app.comet.publish(CHANNELS[i * 7 % 5] as string, i))
  const cursors = [start, ...ids]

  t.test('a poll brings exactly the later messages, in order, once', async (t) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    t.teardown(() => { agent.destroy() })
    const wrong = await positionsThatFail(cursors, async (cursor, later) => {
      const frames = await poll(server, agent, cursor)
      if (later.length === 0) return frames.length === 1 && frames[0]?.type === 'heartbeat'
      return frames.every(isMessage) && isSame(frames.map(({ id }) => id), later)
    }, ids)
    t.strictSame(wrong, [])
  })

  for (const transport of ['eventsource', 'iframe'] as const) {
    t.test(`a stream over ${transport} brings exactly the later messages, in order, once`, async (t) => {
      const wrong = await positionsThatFail(cursors, async (cursor, later) => {
        const client = await injectTo(server, transport, { channel: CHANNELS, cursor })
        return isExactly(await readUntil(client, lastOf(cursor, ids)).finally(client.cut), cursor, later)
      }, ids)
      t.strictSame(wrong, [])
    })
  }

  for (const from of TRANSPORT_NAMES) {
    t.test(`each position of a client on ${from} is one for every transport`, async (t) => {
      const positions = await positionsOn(server, from, start, ids)
      t.strictSame(positions, cursors)
      for (const to of TRANSPORT_NAMES) {
        const sample = positions.filter((_, index) => index % 97 === 0)
        const wrong = await positionsThatFail(sample, async (cursor) => {
          const client = await connectTo(server, to, { channel: CHANNELS, cursor })
          const frames = await readUntil(client, lastOf(cursor, ids)).finally(client.cut)
          return isExactly(frames.filter(({ type }) => type !== 'open' ||
            to !== 'long-poll'), cursor, laterThan(cursor, ids), to)
        }, ids)
        t.strictSame(wrong, [], `to ${to}`)
      }
    })
  }
})

/** The positions at which `check` does not hold. */
async function positionsThatFail (
  positions: readonly string[],
  check: (cursor: string, later: readonly string[]) => Promise<boolean>,
  ids: readonly string[]
): Promise<string[]> {
  const wrong: string[] = []
  for (const cursor of positions) {
    if (!await check(cursor, laterThan(cursor, ids))) wrong.push(cursor)
  }
  return wrong
}

function laterThan (cursor: string, ids: readonly string[]): readonly string[] {
  return ids.slice(ids.indexOf(cursor) + 1)
}

// At the end of the history there is only the stream's opening to wait for, or a poll's heartbeat.
function lastOf (cursor: string, ids: readonly string[]): (frame: Frame) => boolean {
  const last = ids.at(-1)
  return cursor === last
    ? ({ type }) => type === 'open' || type === 'heartbeat'
    : (frame) => isMessage(frame) && frame.id === last
}

function isExactly (
  frames: readonly Frame[], cursor: string, later: readonly string[], transport: TransportName = 'eventsource'
): boolean {
  const [open, ...others] = frames
  if (transport === 'long-poll') return isSame(frames.filter(isMessage).map(({ id }) => id), later)
  return open?.type === 'open' && open.cursor === cursor && open.resumed && others.every(isMessage) &&
    isSame(others.map(({ id }) => id), later)
}

function isSame (ids: readonly string[], others: readonly string[]): boolean {
  return ids.length === others.length && ids.every((id, index) => id === others[index])
}

async function poll ({ port }: TestServer, agent: Agent, cursor: string): Promise<Frame[]> {
  const path = pathOf('long-poll', { channel: CHANNELS, cursor })
  const [response] = await once(request({ agent, host: '127.0.0.1', port, path })
    .end(), 'response') as [IncomingMessage]
  return JSON.parse(await text(response)) as Frame[]
}

/** The positions of a client on a transport: where it starts, and after each message. */
async function positionsOn (
  server: TestServer, transport: TransportName, cursor: string, ids: readonly string[]
): Promise<string[]> {
  const client = await connectTo(server, transport, { channel: CHANNELS, cursor })
  const frames = await readUntil(client, lastOf(cursor, ids)).finally(client.cut)
  const messages = frames.filter(isMessage)
  const positions = [cursor, ...messages.map((_, index) => positionAfter(messages.slice(index, index + 1)) ?? 'none')]
  if (transport !== 'eventsource') return positions
  // What the browser remembers by itself.
  return client.received.map(({ id = 'none' }) => id)
}
