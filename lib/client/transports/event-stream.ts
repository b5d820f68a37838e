import { broken, refusedBy } from '../end.ts'
import { createSseParser } from '../sse-parser.ts'
import { receive } from '../wire.ts'
import type { Transport } from './transport.ts'

/** Server-sent events read with `fetch`: they may have request headers, and tell the status. */
export const eventStream: Transport = ({ settings, stream, request, frame, end }) => {
  const { env, withCredentials } = settings
  const push = createSseParser((data) => { receive(data, frame) })
  request(stream.ask, ({ url, headers }) => {
    const controller = new (env.AbortController as typeof AbortController)()
    const decoder = new (env.TextDecoder as typeof TextDecoder)()
    const read = (reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> => reader.read().then(({ done, value }) => {
      if (done) return end(broken())
      push(decoder.decode(value, { stream: true }))
      return read(reader)
    })
    const credentials = withCredentials ? 'include' : 'same-origin'
    ;(env.fetch as typeof fetch)(url, { headers, credentials, cache: 'no-store', signal: controller.signal }).then((response) => {
      const { status, body } = response
      if (status === 200 && body) return read(body.getReader())
      return response.text().then((responseText) => {
        end(refusedBy({ status, responseText, getResponseHeader: (name) => response.headers.get(name) }))
      })
    }).catch(() => { end(broken()) })
    return () => { controller.abort() }
  })
}
