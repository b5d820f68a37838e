import type { Prepared } from '../request.ts'
import { SseParser } from '../sse-parser.ts'
import { broken, receive, refusedBy, type Transport } from './transport.ts'

/** Server-sent events read with `fetch`: they may have request headers, and tell the status. */
export const eventStream: Transport = (request, handlers) => {
  const { env, withCredentials } = request.settings
  const controller = new (env.AbortController as typeof AbortController)()
  const decoder = new (env.TextDecoder as typeof TextDecoder)()
  const parser = new SseParser((event) => { receive(handlers, event.data) })
  request.prepare('stream', request.cursor, start)
  return () => { controller.abort() }

  function start (prepared: Prepared) {
    prepared.headers.Accept = 'text/event-stream'
    const credentials = withCredentials ? 'include' : 'same-origin'
    const init: RequestInit = { headers: prepared.headers, credentials, cache: 'no-store', signal: controller.signal }
    ;(env.fetch as typeof fetch)(prepared.url, init).then((response) => {
      if (response.status === 200 && response.body) return read(response.body.getReader())
      return response.text().then((text) => {
        handlers.end(refusedBy(request.settings, { status: response.status, text, retryAfter: response.headers.get('Retry-After') }))
      })
    }).catch(() => { handlers.end(broken()) })
  }

  function read (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
    return reader.read().then((result) => {
      if (result.done) return handlers.end(broken())
      parser.push(decoder.decode(result.value, { stream: true }))
      return read(reader)
    })
  }
}
