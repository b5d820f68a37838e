// Who asks for very much gets it in steps, between which the others have their turn.
import t, { type Test } from 'tap'
import type { CometOptions } from '../../lib/plugin/options.ts'
import type { Frame } from '../../lib/protocol/wire.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { connectTo, injectTo, messages, pathOf, rest } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

const CHANNELS = ['a', 'b']
const COUNT = 1500

/** A server whose channels hold 3 MB, numbered in the order of the log. */
async function createServer (t: Test, options: CometOptions = {}): Promise<TestServer> {
  const server = await serve(t, { comet: { maxBufferedBytes: 100_000_000, historySize: COUNT, ...options } })
  for (let n = 0; n < COUNT; n++) {
    await server.app.comet.publish(CHANNELS[n % 2] as string, { n, text: 'x'.repeat(2000) })
  }
  return server
}

function numbers (frames: readonly Frame[]): number[] {
  return frames.flatMap((frame) => frame.type === undefined ? [(frame.data as { n: number }).n] : [])
}

/** Turns of the event loop until a promise has resolved. */
async function turnsUntil<T> (promise: Promise<T>): Promise<{ turns: number, value: T }> {
  let turns = 0
  const count = (): void => {
    turns++
    immediate = setImmediate(count)
  }
  let immediate = setImmediate(count)
  const value = await promise
  clearImmediate(immediate)
  return { turns, value }
}

for (const query of [{ cursor: 'earliest' }, { history: 1000 }]) {
  t.test(`a stream that asks for ${Object.keys(query).join()} gets all of it in order, and little of it while its request is handled`, async (t) => {
    const server = await createServer(t)
    const { comet } = server.app
    const opening = connectTo(server, 'eventsource', { channel: CHANNELS, ...query })
    await until(() => comet.stats().connections.eventsource > 0, 'the stream is open')
    const { delivered } = comet.stats()
    t.ok(delivered < COUNT, `${delivered} messages while its request was handled`)
    await comet.publish('a', { n: COUNT })
    const stream = await opening
    t.same(numbers(await messages(stream, COUNT + 1)), Array.from({ length: COUNT + 1 }, (_, n) => n))
    stream.cut()
  })
}

t.test('one that is still reading is given no heartbeat that runs ahead, and ends where it is denied, disconnected or closed', async (t) => {
  const server = await createServer(t, { authorize: () => ({ user: 'ann' }) })
  const { comet } = server.app
  const streams = await Promise.all([1, 2, 3].map(() =>
    injectTo(server, 'eventsource', { channel: CHANNELS, cursor: 'earliest' })))
  t.equal(comet.disconnect({ user: 'ann' }), 3)
  for (const stream of streams) {
    const frames = await rest(stream)
    t.match(frames.at(-1), { type: 'close', reason: 'disconnected' })
    const got = numbers(frames)
    t.ok(got.length < COUNT)
    t.same(got, got.map((_, n) => n))
  }
  t.equal(comet.stats().connections.eventsource, 0)
})

t.test('a poll that joins channels with a long history is answered over several turns, and in order', async (t) => {
  const server = await createServer(t)
  const { comet } = server.app
  const { turns, value } = await turnsUntil(
    injectTo(server, 'long-poll', { channel: CHANNELS, cursor: comet.cursor(), join: CHANNELS, history: 1000 })
  )
  const frames = await rest(value)
  t.ok(turns > 0, `${turns} turns`)
  t.same([frames[0]?.type, frames.at(-1)?.type], ['open', 'joined'])
  const got = numbers(frames)
  t.ok(got.length > 200)
  t.same(got, Array.from({ length: got.length }, (_, i) => COUNT - got.length + i))
})

t.test('a newer poll of its client, or the end of the application, answers it with what was read', async (t) => {
  const server = await createServer(t)
  const { comet } = server.app
  const client = 'c'.repeat(22)
  const path = pathOf('long-poll', { channel: CHANNELS, history: 1000, client })
  const older = server.app.inject(path)
  const newer = server.app.inject(pathOf('long-poll', { channel: CHANNELS, cursor: comet.cursor(), client }))
  const frames = JSON.parse((await older).body) as Frame[]
  t.equal(frames[0]?.type, 'open')
  const got = numbers(frames)
  t.same(got, got.map((_, n) => n), 'no message of which it would not know is skipped')
  t.equal(frames.filter(({ type }) => type === 'heartbeat').length, 0)
  const closing = server.app.inject(path)
  await new Promise(setImmediate)
  await server.app.close()
  await Promise.all([newer, closing])
})
