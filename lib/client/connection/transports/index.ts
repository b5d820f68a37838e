import type { TransportName } from '../../../protocol/wire.ts'
import type { Env } from '../../browser/env.ts'
import type { Settings } from '../../options.ts'
import type { ClientTransport } from './transport.ts'
import { openEventSource } from './eventsource.ts'
import { openIframe } from './iframe.ts'
import { openLongPoll } from './long-poll.ts'

/** All transports, by name. */
export const TRANSPORTS: Record<TransportName, ClientTransport> = {
  eventsource: openEventSource,
  iframe: openIframe,
  'long-poll': openLongPoll
}

/** Which transports this browser supports. Opens nothing. */
export function detect (env: Env): Record<TransportName, boolean> {
  return {
    eventsource: !!env.EventSource || canReadStreams(env),
    iframe: !!env.document && !!env.addEventListener,
    'long-poll': !!(env.XMLHttpRequest || env.fetch)
  }
}

/** The transports that the application allows and the browser supports, in the application's order. */
export function usable ({ env, headers, transports }: Settings): TransportName[] {
  const has = detect(env)
  if (headers) {
    // Neither a native EventSource nor an iframe can set request headers.
    has.eventsource = canReadStreams(env)
    has.iframe = false
  }
  return transports.filter((name) => has[name])
}

/**
 * Whether `fetch` hands out an answer before its end. That of React Native does not; there is no `ReadableStream`
 * either.
 */
function canReadStreams ({ fetch, Headers, AbortController, TextDecoder, ReadableStream }: Env): boolean {
  return !!(fetch && Headers && AbortController && TextDecoder && ReadableStream)
}
