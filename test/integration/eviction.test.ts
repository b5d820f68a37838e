import t from 'tap'
import { type Frame, TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { held, injectTo, isMessage, messages, readUntil } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

// How much each channel holds. "none" is dropped after each message and made again by the next.
const SIZES: Record<string, number> = { all: 1000, ten: 10, one: 1, none: 0, half: 30 }
const CHANNELS = Object.keys(SIZES)

interface Published { readonly id: string, readonly channel: string }

t.test('from each position each gap is at its place, on its channel and on no other', async (t) => {
  const server = await serve(t, { comet: { historySize: (channel) => SIZES[channel] as number } })
  const log = await publishAll(server, 300)
  for (let position = 0; position < log.length; position += 1) {
    const expected = expectedAfter(log, position)
    const actual = await framesAfter(server, (log[position] as Published).id, log.at(-1) as Published)
    if (JSON.stringify(actual) !== JSON.stringify(expected)) t.strictSame(actual, expected, `after ${position}`)
  }
  t.ok(server.app.comet.stats().gaps > 500)
})

t.test('a channel dropped with its history and made again tells of what was lost before', async (t) => {
  let age = 20
  const server = await serve(t, { comet: { historyAge: (channel) => channel === 'short' ? age : 300_000 } })
  const { comet } = server.app
  const start = await comet.publish('long', 0)
  const lost = await comet.publish('short', 0)
  await until(() => comet.stats().channels === 1, 'the short-lived channel is dropped')
  age = 300_000
  const again = await comet.publish('short', 1)
  const last = await comet.publish('long', 1)
  for (const transport of ['eventsource', 'iframe', 'long-poll'] as const) {
    const client = await injectTo(server, transport, { channel: ['short', 'long'], cursor: start })
    const frames = await readUntil(client, (frame) => 'id' in frame && frame.id === last)
    t.match(frames.filter(({ type }) => type !== 'open'), [
      { type: 'gap', channels: ['short'], reason: 'evicted', cursor: lost }, { id: again }, { id: last }
    ], transport)
    client.cut()
  }
  const client = await injectTo(server, 'eventsource', { channel: ['short', 'long'], cursor: lost })
  t.match(
    (await readUntil(client, (frame) => 'id' in frame && frame.id === last)).map(({ type }) => type),
    ['open', undefined, undefined]
  )
  client.cut()
})

t.test('while a gap is still to be told, open has the cursor of the request', async (t) => {
  const server = await serve(t, { comet: { historySize: 1 } })
  const start = await server.app.comet.publish('a', 0)
  await server.app.comet.publish('a', 1)
  await server.app.comet.publish('a', 2)
  const client = await injectTo(server, 'eventsource', { channel: 'a', cursor: start })
  t.match(await client.next(), { type: 'open', cursor: start, resumed: true })
  client.cut()
})

t.test('channels restarted together are told at once, and a cut right after loses nothing', async (t) => {
  const server = await serve(t)
  const ids = [await server.app.comet.publish('a', 0), await server.app.comet.publish('b', 0)]
  const first = await injectTo(server, 'eventsource', { channel: ['a', 'b'], cursor: 'foreign' })
  const [open, gap] = await readUntil(first, ({ type }) => type === 'gap')
  t.match(open, { type: 'open', cursor: 'foreign', resumed: false })
  t.match(gap, { channels: ['a', 'b'], reason: 'restarted' })
  first.cut()
  const second = await injectTo(server, 'eventsource', {
    channel: ['a', 'b'], cursor: (gap as { cursor: string }).cursor
  })
  t.strictSame((await readUntil(second, (frame) => 'id' in frame && frame.id === ids[1])).slice(1)
    .map((frame) => 'id' in frame && frame.id), ids)
  second.cut()
})

t.test('a cursor beyond the end of the log is one of another life', async (t) => {
  const server = await serve(t)
  const id = await server.app.comet.publish('a', 0)
  const client = await injectTo(server, 'long-poll', { channel: 'a', cursor: id.replace(/1$/, '2') })
  t.match(await client.next(), { type: 'gap', reason: 'restarted' })
  t.match(await client.next(), { id })
})

async function publishAll (server: TestServer, count: number): Promise<Published[]> {
  const log: Published[] = []
  for (let i = 0; i < count; i++) {
    // The channels take turns that no two rounds share; the last message is held.
    const channel = i === count - 1 ? 'all' : CHANNELS[(i * i + Math.floor(i / 7)) % CHANNELS.length] as string
    log.push({ id: await server.app.comet.publish(channel, i), channel })
    await new Promise(setImmediate)
  }
  return log
}

/** What a subscriber of all channels should get after this position. */
function expectedAfter (log: readonly Published[], position: number): unknown[] {
  const held = new Set(CHANNELS.flatMap((name) =>
    log.filter(({ channel }) => channel === name).slice(-(SIZES[name] as number) || Infinity)))
  const lastLost = new Set(CHANNELS.map((name) =>
    log.filter((message) => message.channel === name && !held.has(message)).at(-1)))
  return log.slice(position + 1).flatMap((message): unknown[] => {
    if (held.has(message)) return [message]
    return lastLost.has(message) ? [{ gap: message.channel, cursor: message.id }] : []
  })
}

async function framesAfter (server: TestServer, cursor: string, last: Published): Promise<unknown[]> {
  if (cursor === last.id) return []
  const client = await injectTo(server, 'eventsource', { channel: CHANNELS, cursor })
  const [, ...frames] = await readUntil(client, (frame) => 'id' in frame && frame.id === last.id)
  client.cut()
  return frames.map(shape)
}

function shape (frame: Frame): unknown {
  if (isMessage(frame)) return { id: frame.id, channel: frame.channel }
  return frame.type === 'gap' && frame.reason === 'evicted'
    ? { gap: frame.channels.join(), cursor: frame.cursor }
    : frame
}

t.test('channels that are only listened to evict nobody\'s messages, and a newcomer gets what is retained', async (t) => {
  const server = await serve(t, { comet: { historyBytes: 200_000, retain: (channel) => channel === 'state' } })
  const { comet } = server.app
  await comet.publish('state', 'now')
  for (let i = 0; i < 100; i++) await comet.publish('talk', i)
  const idle = await Promise.all([1, 2, 3].map((n) =>
    held(server, 'eventsource', { channel: Array.from({ length: 128 }, (_, i) => `invented:${n}:${i}`) })))
  await comet.publish('talk', 100)
  await new Promise(setImmediate)
  t.equal((await comet.history('talk')).messages.length, 101)
  for (const transport of TRANSPORT_NAMES) {
    const client = await injectTo(server, transport, { channel: ['state', 'talk'], history: 1 })
    t.match(await messages(client, 2), [{ data: 'now' }, { data: 100 }], transport)
    client.cut()
  }
  for (const client of idle) client.cut()
})

t.test('what others publish takes a retained message from nobody', async (t) => {
  const server = await serve(t, { comet: { historyBytes: 200_000, retain: (channel) => channel === 'state' } })
  const { comet } = server.app
  await comet.publish('state', 'now')
  for (let i = 0; i < 50; i++) await comet.publish(`room:${i}`, 'x'.repeat(10_000))
  await new Promise(setImmediate)
  t.ok(comet.stats().evicted > 20 && comet.stats().history.bytes <= 200_000)
  t.match((await comet.history('state')).messages, [{ data: 'now' }])
})
