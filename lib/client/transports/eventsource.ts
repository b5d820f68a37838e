import { CONTROL_EVENT } from '../../protocol.ts'
import { broken } from '../end.ts'
import { receive } from '../wire.ts'
import { eventStream } from './event-stream.ts'
import type { Transport } from './transport.ts'

/** Server-sent events, read by the browser's own `EventSource`, or with `fetch` where the request must have headers. */
export const eventsource: Transport = (wire) => {
  const { env, headers, withCredentials } = wire.settings
  if (headers) return eventStream(wire)
  wire.request(wire.stream.ask, ({ url }) => {
    const source = new (env.EventSource as typeof EventSource)(url, { withCredentials: !!withCredentials })
    const listener = source.onmessage = (event: MessageEvent) => { receive(event.data, wire.frame) }
    source.addEventListener(CONTROL_EVENT, listener)
    // Its own reconnect would repeat the first URL, at an old cursor, and after some statuses there is none.
    source.onerror = () => { wire.end(broken()) }
    return () => { source.close() }
  })
}
