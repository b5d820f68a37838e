import t from 'tap'
import type { Frame } from '../../lib/protocol/wire.ts'
import type { Received } from '../fixtures/frame-parsers.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { injectTo, isMessage, type Query, readUntil } from '../fixtures/transport-clients.ts'

// A browser's EventSource that reconnects by itself: its first URL, and the id of the last event that had one.
const URLS: [string, (server: TestServer, cursor: string) => Query][] = [
  ['nothing', () => ({})],
  ['a cursor', (_server, cursor) => ({ cursor })],
  ['earliest', () => ({ cursor: 'earliest' })],
  ['history', () => ({ history: 7 })],
  ['history of each channel', () => ({ history: [3, 20] })],
  ['a foreign cursor', () => ({ cursor: 'foreign-1' })],
  ['a join', (_server, cursor) => ({ cursor, join: 'b' })],
  ['a join with history', (_server, cursor) => ({ cursor, join: 'b', history: 10 })]
]

for (const [name, queryOf] of URLS) {
  t.test(`a browser that asked for ${name} resumes by itself exactly, wherever it was cut`, async (t) => {
    const server = await serve(t)
    const ids: string[] = []
    const publish = async (count: number): Promise<void> => {
      for (let i = 0; i < count; i++) ids.push(await server.app.comet.publish(i % 3 === 0 ? 'b' : 'a', i))
    }
    await publish(30)
    const query: Query = { channel: ['a', 'b'], ...queryOf(server, ids[9] as string) }
    const first = await injectTo(server, 'eventsource', query)
    await readUntil(first, ({ type }) => type === (query['join'] === undefined ? 'open' : 'joined'))
    await publish(10)
    await readUntil(first, (frame) => isMessage(frame) && frame.id === ids.at(-1))
    first.cut()
    await publish(5) // of it 3 on a
    const { received } = first
    for (let cut = 1; cut <= received.length; cut++) {
      const problem = await resume(server, query, received, cut, ids)
      t.equal(problem, '', `cut after frame ${cut}`)
    }
  })
}

/** Reconnects as the browser would after so many events. Returns what is wrong. */
async function resume (
  server: TestServer, query: Query, received: readonly Received[], cut: number, ids: readonly string[]
): Promise<string> {
  const before = received.slice(0, cut)
  const lastEventId = before.reduce((last, { id }) => id ?? last, '')
  const client = await injectTo(server, 'eventsource', query, lastEventId === ''
    ? {}
    : { 'last-event-id': lastEventId })
  const after = await readUntil(client, (frame) => isMessage(frame) && frame.id === ids.at(-1))
  client.cut()
  // Before it was joined, the browser has no id to resume at and asks to join again, which starts at that later now.
  if (lastEventId === '') {
    return problems(messageIds(received.map(({ frame }) => frame), 'a'), messageIds(after, 'a').slice(0, -3))
  }
  if (after.some((frame) => isMessage(frame) && frame.history === true)) return 'joins again'
  const expected = messageIds(received.map(({ frame }) => frame)).concat(ids.slice(-5))
  return problems(
    expected, [...messageIds(before.map(({ frame }) => frame)), ...messageIds(after)], query['join'] === undefined
  )
}

// Cut in the replay of history, a browser may be given more of it than it asked for at first, but in order and once.
function problems (expected: readonly string[], got: readonly string[], isOneOrder = true): string {
  const inOrder = isOneOrder ? got : got.toSorted((a, b) => offsetOf(a) - offsetOf(b))
  const isOrdered = inOrder.every((id, index) => index === 0 || offsetOf(id) > offsetOf(inOrder[index - 1] as string))
  const missing = expected.filter((id) => !got.includes(id))
  return isOrdered && missing.length === 0 ? '' : `lost ${missing.join()}, got ${got.join()}`
}

// Clients never take an id apart; this one knows that the memory log counts.
function offsetOf (id: string): number {
  return Number(id.slice(id.lastIndexOf('-') + 1))
}

function messageIds (frames: readonly Frame[], only?: string): string[] {
  return frames.filter(isMessage).filter(({ channel }) => only === undefined || channel === only).map(({ id }) => id)
}

t.test('an empty Last-Event-ID is none', async (t) => {
  const server = await serve(t)
  const id = await server.app.comet.publish('a', 1)
  const client = await injectTo(server, 'eventsource', { channel: 'a', history: 1 }, { 'last-event-id': '' })
  t.match(await readUntil(client, isMessage), [{ type: 'open', resumed: false }, { id }])
  client.cut()
})
