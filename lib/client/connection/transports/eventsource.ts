import { CONTROL_EVENT } from '../../../protocol/wire.ts'
import { networkFailure } from '../failure.ts'
import { receive } from '../frames.ts'
import { fetchStream } from './fetch-stream.ts'
import type { ClientTransport } from './transport.ts'

/**
 * Server-sent events, read by the browser's own `EventSource`, or with `fetch` if there is none, or if the request
 * must have headers.
 */
export const openEventSource: ClientTransport = (context) => {
  const { env, headers, withCredentials } = context.settings
  const { EventSource } = env
  if (headers || !EventSource) return fetchStream(context)
  context.request(context.channelSet.request, ({ url }) => {
    const source = new EventSource(url, { withCredentials: !!withCredentials })
    const listener = source.onmessage = (event: MessageEvent) => { receive(event.data, context.frame) }
    source.addEventListener(CONTROL_EVENT, listener)
    // `EventSource` would reconnect to the first URL, at an old cursor, and after some statuses it would not reconnect.
    source.onerror = () => { context.end(networkFailure()) }
    return () => { source.close() }
  })
}
