import type { FastifyReply } from 'fastify'

type Raw = FastifyReply['raw']

/**
 * Whether the client of a response has left. Asked after every wait: its `close` event may have been emitted by then, and
 * is emitted once.
 */
export function isGone (raw: Raw): boolean {
  const stream: unknown = Reflect.get(raw, 'stream')
  // A response of HTTP/2 has no `destroyed`, and its stream is closed a while before it is destroyed.
  if (typeof stream === 'object' && stream !== null) return Reflect.get(stream, 'destroyed') === true || Reflect.get(stream, 'closed') === true
  // A socket is destroyed a turn before its response.
  return raw.destroyed || raw.req.socket.destroyed
}
