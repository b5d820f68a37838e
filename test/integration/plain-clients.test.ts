// Clients that nobody here wrote.
import { execFile } from 'node:child_process'
import { EventSource } from 'eventsource'
import { createEventSource } from 'eventsource-client'
import { createParser } from 'eventsource-parser'
import t from 'tap'
import { get } from '../fixtures/bodies.ts'
import { payloads } from '../fixtures/payloads.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { pathOf } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

const SHORT = { comet: { maxConnectionAge: 400 } }

t.test('curl -N prints frames as they come', async (t) => {
  const server = await serve(t)
  const curl = execFile('curl', ['-sN', server.url('eventsource?channel=clock')])
  t.teardown(() => curl.kill())
  let text = ''
  for await (const chunk of curl.stdout as NodeJS.ReadableStream) {
    text += String(chunk)
    if (text.endsWith('\n\n') && /"open"/.test(text)) await server.app.comet.publish('clock', { time: 12 })
    if (/"time"/.test(text)) break
  }
  t.match(
    text, /^retry: [1-5]\d{3}\nevent: comet\nid: (\w+-0)\ndata: {"type":"open","cursor":"\1","resumed":false,"heartbeat":15000,"poll":25000}\n\nid: (\w+-1)\ndata: {"id":"\2","channel":"clock","data":{"time":12}}\n\n$/
  )
})

t.test('eventsource sees every message over its own reconnects', async (t) => {
  const server = await serve(t, SHORT)
  const source = new EventSource(server.url('eventsource?channel=a'))
  t.teardown(() => { source.close() })
  const opened = counter()
  source.addEventListener('comet', ({ data }) => { if (JSON.parse(data).type === 'open') opened.count++ })
  const seen = collected((take) => { source.onmessage = ({ data }) => { take(JSON.parse(data).data) } })
  await until(() => opened.count > 0, 'the client is open')
  t.strictSame(await publishUntil(server, () => opened.count >= 3, seen), await seen.all())
})

t.test('eventsource-client sees every message over its own reconnects', async (t) => {
  const server = await serve(t, SHORT)
  const opened = counter()
  const seen = collected((take) => {
    const client = createEventSource({
      url: server.url('eventsource?channel=a'),
      onMessage: ({ event, data }) => {
        const frame = JSON.parse(data)
        if (event === 'comet') opened.count += frame.type === 'open' ? 1 : 0
        else take(frame.data)
      }
    })
    t.teardown(() => { client.close() })
  })
  await until(() => opened.count > 0, 'the client is open')
  t.strictSame(await publishUntil(server, () => opened.count >= 3, seen), await seen.all())
})

t.test('eventsource-parser reads each payload', async (t) => {
  const server = await serve(t)
  const start = server.app.comet.cursor()
  for (const [, value] of payloads) await server.app.comet.publish('a', value)
  const { values } = parse(await bytesOf(server, start, payloads.length))
  payloads.forEach(([name, value], index) => { t.ok(same(values[index], value), name) })
})

t.test('eventsource-parser resumes where a stream was cut, at each of its bytes', async (t) => {
  const server = await serve(t)
  const start = server.app.comet.cursor()
  const sent = ['ä', '\n', { deep: ['</script>'] }]
  for (const value of sent) await server.app.comet.publish('a', value)
  const whole = await bytesOf(server, start, sent.length)
  for (let cut = 0; cut <= whole.length; cut++) {
    const first = parse(whole.subarray(0, cut))
    const second = parse(await bytesOf(server, first.lastId || start, sent.length - first.values.length))
    if (!same([...first.values, ...second.values], sent)) t.fail(`cut after ${cut} bytes`)
  }
  t.ok(whole.length > 300)
})

/** What a stream brings from there until it has brought so many messages. */
async function bytesOf (server: TestServer, cursor: string, count: number): Promise<Buffer> {
  const { stream, cut } = await get(server, pathOf('eventsource', { channel: 'a', cursor }))
  const chunks: Buffer[] = []
  let found = count === 0 ? 0 : -1
  for await (const chunk of stream) {
    chunks.push(chunk as Buffer)
    found = parse(Buffer.concat(chunks)).values.length
    if (found === count) break
  }
  cut()
  return Buffer.concat(chunks)
}

function parse (bytes: Buffer): { values: unknown[], lastId: string } {
  const values: unknown[] = []
  let lastId = ''
  const parser = createParser({
    onEvent ({ id, event, data }) {
      lastId = id ?? lastId
      if (event === undefined) values.push(JSON.parse(data).data)
    }
  })
  parser.feed(new TextDecoder().decode(bytes))
  return { values, lastId }
}

function counter (): { count: number } {
  return { count: 0 }
}

function same (a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

async function turn (): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 10))
}

interface Collected { values: unknown[], sent: number, all (): Promise<unknown[]> }

function collected (begin: (take: (value: unknown) => void) => void): Collected {
  const result: Collected = {
    values: [],
    sent: 0,
    async all () {
      await until(() => result.values.length >= result.sent, 'all that was published has arrived')
      return result.values
    }
  }
  begin((value) => { result.values.push(value) })
  return result
}

/** Publishes numbers, some while the client is away, until it has come back often enough. */
async function publishUntil ({ app }: TestServer, isEnough: () => boolean, seen: Collected): Promise<number[]> {
  const sent: number[] = []
  while (!isEnough()) {
    sent.push(seen.sent)
    await app.comet.publish('a', seen.sent++)
    await turn()
  }
  return sent
}
