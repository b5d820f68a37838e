import t from 'tap'
import { fetchStream } from '../../../../../lib/client/connection/transports/fetch-stream.ts'
import { memoryBrowser } from '../../../../fixtures/client-in-memory.ts'
import { openTransport } from '../../../../fixtures/client-transport.ts'
import { until } from '../../../../fixtures/until.ts'

function open (fetch: (url: string, init: RequestInit) => Promise<Response>) {
  const { settings } = memoryBrowser({ fetch, Headers, TextDecoder, AbortController } as object)
  return openTransport(fetchStream, settings())
}

const stream = (text: string, type = 'text/event-stream; charset=utf-8') =>
  async () => new Response(text, { headers: { 'content-type': type } })

t.test('reads messages and control events, no others, and ends with the stream', async (t) => {
  const events = 'data: {"id":"e-1","channel":"a"}\n\nevent: other\ndata: {"id":"e-2","channel":"a"}\n\nevent: comet\ndata: {"type":"joined","channels":[]}\n\n'
  const { frames, failures } = open(stream(events))
  await until(() => failures.length > 0)
  t.same(frames, [{ id: 'e-1', channel: 'a' }, { type: 'joined', channels: [] }])
  t.match(failures, [{ error: { code: 'COMET_ERR_NETWORK', message: 'the connection was lost' } }])
})

for (const [title, fetch, failure] of [
  ['the status of the server', async () => new Response('{"code":"X","message":"full"}', { status: 503 }), {
    error: { code: 'X', statusCode: 503 }, fromServer: true
  }],
  ['an answer that is no event stream', stream('<p>', 'text/html'), { error: { code: 'COMET_ERR_RESPONSE' } }],
  ['no answer', async () => { throw new Error('down') }, { error: { code: 'COMET_ERR_NETWORK' }, hasNoResponse: true }]
] as const) {
  t.test(`ends with ${title}`, async (t) => {
    const { failures } = open(fetch)
    await until(() => failures.length > 0)
    t.match(failures, [failure])
  })
}

t.test('disconnected, it aborts its request', async (t) => {
  let signal: AbortSignal | null | undefined
  const { disconnect } = open((_url, init) => {
    signal = init.signal
    return new Promise(() => {})
  })
  disconnect()
  t.ok(signal?.aborted)
})
