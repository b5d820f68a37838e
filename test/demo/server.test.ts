import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { createParser } from 'eventsource-parser'
import t from 'tap'
import type { Test } from 'tap'
import { Program } from '../fixtures/processes.ts'

const SERVER = fileURLToPath(new URL('../../build/demo/server.js', import.meta.url))

function start (t: Test, env: Record<string, string>): Program {
  const program = new Program(() => ['node', SERVER], { env })
  t.teardown(() => program.kill())
  return program
}

async function urlOf ({ child }: Program): Promise<string> {
  if (child.stdout === null) throw new Error('no output to read')
  const [line] = await once(child.stdout, 'data') as [Buffer]
  return /http:\S+/.exec(line.toString())?.[0] ?? ''
}

t.test('prints its address, and sends a frame a second to a plain event stream client', async (t) => {
  const url = await urlOf(start(t, { PORT: '0' }))
  t.match(url, /^http:\/\/127\.0\.0\.1:\d+$/)
  const times: number[] = []
  const parser = createParser({
    onEvent: ({ event, data }) => {
      if (event === undefined) times.push(JSON.parse(data).data.time)
    }
  })
  const response = await fetch(`${url}/comet/eventsource?channel=clock`)
  t.equal(response.headers.get('content-type'), 'text/event-stream; charset=utf-8')
  const decoder = new TextDecoder()
  for await (const chunk of response.body ?? []) {
    parser.feed(decoder.decode(chunk, { stream: true }))
    if (times.length === 4) break
  }
  const seconds = times.map((time) => Math.floor(time / 1000))
  t.same(seconds.map((second) => second - Number(seconds[0])), [0, 1, 2, 3])
})

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  t.test(`${signal} ends it cleanly, with streams open`, async (t) => {
    const program = start(t, { PORT: '0' })
    const url = await urlOf(program)
    const response = await fetch(`${url}/comet/eventsource?channel=clock`)
    const ended = response.text()
    program.child.kill(signal)
    t.match(await ended, '"type":"close","reason":"shutdown"')
    if (!program.hasExited) await once(program.child, 'exit')
    t.equal(program.child.exitCode, 0)
  })
}

t.test('says so when the port is taken', async (t) => {
  const { port } = new URL(await urlOf(start(t, { PORT: '0' })))
  const second = start(t, { PORT: port })
  await once(second.child, 'close')
  t.equal(second.child.exitCode, 1)
  t.match(second.output, `Port ${port} on 127.0.0.1 is in use`)
  t.notMatch(second.output, /at .*\.js/, 'without a stack trace')
})

t.test('refuses a PORT that is none', async (t) => {
  const program = start(t, { PORT: 'http' })
  await once(program.child, 'close')
  t.equal(program.child.exitCode, 1)
  t.match(program.output, 'PORT must be a whole number from 0 to 65535, got "http"')
})

t.test('HOST changes where it listens', async (t) => {
  t.match(await urlOf(start(t, { PORT: '0', HOST: '::1' })), /^http:\/\/\[::1\]:\d+$/)
})
