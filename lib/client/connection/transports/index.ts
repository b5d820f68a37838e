import type { TransportName } from '../../../protocol/wire.ts'
import type { Env } from '../../browser/env.ts'
import type { Settings } from '../../options.ts'
import type { Transport } from './transport.ts'
import { eventsource } from './eventsource.ts'
import { iframe } from './iframe.ts'
import { longPoll } from './long-poll.ts'

export const TRANSPORTS: Record<TransportName, Transport> = { eventsource, iframe, 'long-poll': longPoll }

/** Which transports this browser has the means for. Opens nothing. */
export function detect (env: Env): Record<TransportName, boolean> {
  return {
    eventsource: !!env.EventSource || canReadStreams(env),
    iframe: !!env.document && !!env.addEventListener,
    'long-poll': !!(env.XMLHttpRequest || env.fetch)
  }
}

/** Those that the application allows and the browser has the means for, in the application's order. */
export function usable ({ env, headers, transports }: Settings): TransportName[] {
  const has = detect(env)
  if (headers) {
    // A native EventSource and an iframe have no say in their request headers.
    has.eventsource = canReadStreams(env)
    has.iframe = false
  }
  return transports.filter((name) => has[name])
}

/** Not every `fetch` hands out an answer before its end: that of React Native does not, and it has no `ReadableStream`. */
function canReadStreams ({ fetch, Headers, AbortController, TextDecoder, ReadableStream }: Env): boolean {
  return !!(fetch && Headers && AbortController && TextDecoder && ReadableStream)
}
