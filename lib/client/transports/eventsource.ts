import { CONTROL_EVENT } from '../../protocol.ts'
import { broken, parseFrame, type Transport } from './transport.ts'
import { eventStream } from './event-stream.ts'

/** Server-sent events, read by the browser's own `EventSource`, or with `fetch` where the request must have headers. */
export const eventsource: Transport = function (env, request, handlers) {
  if (request.readByFetch) return eventStream(env, request, handlers)
  let source: EventSource | null = null
  let open = true
  const close = function () {
    open = false
    if (source) source.close()
  }
  const receive = function (event: MessageEvent) {
    const frame = open && parseFrame(event.data)
    if (frame) handlers.frame(frame)
  }
  request.prepare('stream', request.cursor, function (prepared) {
    if (!open) return
    const Source = env.EventSource as typeof EventSource
    source = new Source(prepared.url, { withCredentials: request.withCredentials })
    source.onmessage = receive
    source.addEventListener(CONTROL_EVENT, receive as EventListener)
    // Its own reconnect would repeat the first URL, at an old cursor, and after some statuses there is none.
    source.onerror = function () {
      if (!open) return
      close()
      handlers.end(broken())
    }
  })
  return close
}
