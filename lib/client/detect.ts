import type { TransportName } from '../protocol.ts'
import type { Env } from './env.ts'

/** Which transports this browser has the means for. Opens nothing. */
export function detect (env: Env): Record<TransportName, boolean> {
  return {
    eventsource: !!env.EventSource,
    iframe: !!env.document && !!env.events,
    'long-poll': canRequest(env)
  }
}

/** Whether a response can be read while it comes: what an event stream with request headers needs. */
export function canStream (env: Env): boolean {
  return !!env.fetch && !!env.TextDecoder && !!env.AbortController
}

/** Whether single requests can be made. */
export function canRequest (env: Env): boolean {
  return !!env.XMLHttpRequest || !!env.fetch
}
