import { get } from './dialects.js'

/** The request that opens a stream, for each server. */
export const requests = {
  net: () => get('/'),
  http: () => get('/'),
  'better-sse': () => get('/'),
  'fastify-sse': () => get('/', 'Accept: text/event-stream\r\n'),
  'fastify-sse-v2': () => get('/'),
  sockjs: (index) => get(`/echo/000/session${index}/eventsource`),
  nchan: () => get('/subscribe', 'Accept: text/event-stream\r\n'),
  eventsource: () => get('/comet/eventsource?channel=bench', 'Accept: text/event-stream\r\n'),
  iframe: () => get('/comet/iframe?channel=bench')
}

/** Subscribes to ten of the channels `c0` to `c99`: a hundred different sets. */
export function tenOfHundred (index) {
  const names = Array.from({ length: 10 }, (_, offset) => `channel=c${(index + offset) % 100}`)
  return get(`/comet/eventsource?${names.join('&')}`)
}

/** Subscribes to a channel of the client's own. */
export function ownChannel (index) {
  return get(`/comet/eventsource?channel=c${index}`)
}
