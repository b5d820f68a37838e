import t from 'tap'
import { openEventSource } from '../../../../../lib/client/connection/transports/eventsource.ts'
import { memoryBrowser } from '../../../../fixtures/client-in-memory.ts'
import { openTransport } from '../../../../fixtures/client-transport.ts'

class Source {
  static last: Source
  onmessage: ((event: { data: string }) => void) | null = null
  onerror: (() => void) | null = null
  readonly listeners: Record<string, unknown> = {}
  isClosed = false
  readonly url: string
  readonly init: unknown

  constructor (url: string, init: unknown) {
    this.url = url
    this.init = init
    Source.last = this
  }

  addEventListener (type: string, listener: unknown): void {
    this.listeners[type] = listener
  }

  close (): void {
    this.isClosed = true
  }
}

t.test('reads messages and control frames, and ends with the first error', async (t) => {
  const { settings } = memoryBrowser({ EventSource: Source as never })
  const { frames, failures, disconnect } = openTransport(openEventSource, settings({ withCredentials: true }))
  const source = Source.last
  t.match(source, { url: '/comet/test', init: { withCredentials: true } })
  t.equal(source.listeners['comet'], source.onmessage)
  source.onmessage?.({ data: '{"id":"e-1","channel":"a","data":1}' })
  source.onmessage?.({ data: 'no frame' })
  t.same(frames, [{ id: 'e-1', channel: 'a', data: 1 }])
  source.onerror?.()
  t.match(failures, [{ error: { code: 'COMET_ERR_NETWORK' } }])
  disconnect()
  t.ok(source.isClosed)
})

t.test('reads with fetch where there are headers, or no EventSource', async (t) => {
  const urls: string[] = []
  const fetch = async (url: string) => {
    urls.push(url)
    return new Response('', { status: 503 })
  }
  for (const overrides of [{ EventSource: Source }, {}]) {
    const { settings } = memoryBrowser({ ...overrides, fetch, Headers, TextDecoder, AbortController } as object)
    openTransport(openEventSource, settings({ headers: () => ({}) }))
  }
  t.same(urls, ['/comet/test', '/comet/test'])
})
