import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import t from 'tap'
import type { TestServer } from '../fixtures/server.ts'
import {
  type Client, connectTo, frame, isMessage, messages, positionAfter, readUntil
} from '../fixtures/transport-clients.ts'

const HISTORY_BYTES = 32 * 1024 * 1024
const MESSAGES = 2000
const MESSAGE_BYTES = 60 * 1024

t.test('a client that reads nothing costs next to nothing, and nobody else waits for it', async (t) => {
  const child = fork(new URL('../fixtures/slow-reader-server.ts', import.meta.url), {
    execArgv: [...process.execArgv, '--expose-gc']
  })
  t.teardown(() => child.kill('SIGKILL'))
  const [{ port }] = await once(child, 'message') as [{ port: number }]
  const server = { http: 'http', port } as TestServer
  const slow: Client[] = []
  for (const transport of ['eventsource', 'iframe'] as const) {
    const client = await connectTo(server, transport, { channel: 'big' })
    await frame(client, 'open')
    slow.push(client)
  }
  const fast = await connectTo(server, 'eventsource', { channel: 'big' })
  await frame(fast, 'open')
  const all = receiveAll(fast)
  const { grown, took, lagging } = await publish(child)
  t.strictSame(await all, Array.from({ length: MESSAGES }, (_, i) => i), 'the other one got all')
  t.comment(`grown ${(grown / 1048576).toFixed(1)} MiB, ${took.toFixed(0)} ms for ${MESSAGES} messages`)
  // The document lags, or has been ended for its size: that depends on how much the kernel takes.
  t.ok(lagging >= 1, `${lagging} lagging`)
  t.ok(grown < HISTORY_BYTES + 16 * 1024 * 1024, `${grown} bytes`)
  for (const client of slow) await catchUp(t, server, client)
  child.send('close')
  const [code] = await once(child, 'exit') as [number]
  t.equal(code, 0, 'nothing of ours keeps the process alive')
})

/** Reads again: what was on its way, a gap, and what the history holds. */
async function catchUp (t: Tap, server: TestServer, client: Client): Promise<void> {
  const before = await readUntil(client, ({ type }) => type === 'gap' || type === 'close')
  const isRotated = before.at(-1)?.type === 'close'
  // A document takes 2 MiB at most: its client comes back at its position.
  const second = isRotated
    ? await connectTo(server, client.transport, { channel: 'big', cursor: positionAfter(before) })
    : client
  if (isRotated) before.push(...await readUntil(second, ({ type }) => type === 'gap'))
  t.match(before.at(-1), { type: 'gap', channels: ['big'], reason: 'evicted' }, client.transport)
  const held = await readUntil(second, (frame) => numberOf(frame) === MESSAGES - 1 || frame.type === 'close')
  const numbers = held.filter(isMessage).map(numberOf)
  t.ok(numbers.every((number, index) => index === 0 || number === (numbers[index - 1] as number) + 1), 'without a hole')
  t.ok((numbers[0] as number) > before.length, 'after a hole')
  if (client.transport === 'eventsource') t.ok(numbers.length * MESSAGE_BYTES > HISTORY_BYTES * 0.9, 'all that is held')
  second.cut()
}

type Tap = Pick<typeof t, 'match' | 'ok'>

function numberOf (frame: object): number {
  return 'data' in frame ? parseInt(String(frame.data), 10) : -1
}

async function receiveAll (client: Client): Promise<number[]> {
  const numbers: number[] = []
  for (let i = 0; i < MESSAGES; i++) {
    const [message] = await messages(client, 1)
    numbers.push(numberOf(message as object))
  }
  return numbers
}

async function publish (child: ChildProcess): Promise<{ grown: number, took: number, lagging: number }> {
  child.send('publish')
  const [result] = await once(child, 'message') as [{ grown: number, took: number, lagging: number }]
  return result
}
