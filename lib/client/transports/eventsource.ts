import { CONTROL_EVENT } from '../../protocol.ts'
import { eventStream } from './event-stream.ts'
import { broken, receive, type Transport } from './transport.ts'

/** Server-sent events, read by the browser's own `EventSource`, or with `fetch` where the request must have headers. */
export const eventsource: Transport = (request, handlers) => {
  const { env, headers, withCredentials } = request.settings
  if (headers) return eventStream(request, handlers)
  let source: EventSource | null = null
  request.prepare('stream', request.cursor, (prepared) => {
    source = new (env.EventSource as typeof EventSource)(prepared.url, { withCredentials })
    const onMessage = (event: MessageEvent) => { receive(handlers, event.data) }
    source.onmessage = onMessage
    source.addEventListener(CONTROL_EVENT, onMessage)
    // Its own reconnect would repeat the first URL, at an old cursor, and after some statuses there is none.
    source.onerror = () => { handlers.end(broken()) }
  })
  return () => { if (source) source.close() }
}
