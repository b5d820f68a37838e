import { CONTROL_EVENT } from '../../../protocol/wire.ts'
import { networkFailure } from '../failure.ts'
import { receive } from '../frames.ts'
import { eventStream } from './fetch-stream.ts'
import type { Transport } from './transport.ts'

/** Server-sent events, read by the browser's own `EventSource`, or with `fetch` where there is none or the request must have headers. */
export const eventsource: Transport = (wire) => {
  const { env, headers, withCredentials } = wire.settings
  const { EventSource } = env
  if (headers || !EventSource) return eventStream(wire)
  wire.request(wire.channelSet.request, ({ url }) => {
    const source = new EventSource(url, { withCredentials: !!withCredentials })
    const listener = source.onmessage = (event: MessageEvent) => { receive(event.data, wire.frame) }
    source.addEventListener(CONTROL_EVENT, listener)
    // Its own reconnect would repeat the first URL, at an old cursor, and after some statuses there is none.
    source.onerror = () => { wire.end(networkFailure()) }
    return () => { source.close() }
  })
}
