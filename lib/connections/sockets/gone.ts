import type { FastifyReply } from 'fastify'

type Raw = FastifyReply['raw']

/**
 * Whether the client of a response has left. Ask it after every wait: the `close` event, which is emitted once, may
 * have been emitted meanwhile.
 */
export function isGone (raw: Raw): boolean {
  const stream: unknown = Reflect.get(raw, 'stream')
  // A response of HTTP/2 has no `destroyed`, and its stream is closed a while before it is destroyed.
  if (typeof stream === 'object' && stream !== null) {
    return Reflect.get(stream, 'destroyed') === true || Reflect.get(stream, 'closed') === true
  }
  // A socket is destroyed a tick before its response.
  return raw.destroyed || raw.req.socket.destroyed
}
