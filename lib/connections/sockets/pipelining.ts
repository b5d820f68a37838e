import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'

type Raw = FastifyReply['raw']

// Over TLS, Node learns that a response has left a turn after the client may have sent its next request: most requests of a
// busy client that never sends ahead come before that. Five turns are for what else may be slow.
const TURNS = 5

// Of more than these on one connection, nobody waits for the answers.
const MAX_AHEAD = 8

const ahead = new WeakMap<Socket, number>()

/**
 * Resolves with whether it is a response's turn on its connection: not where its request was sent ahead of the end of another
 * response (pipelined). `undefined`: it is its turn.
 */
export function itsTurn (raw: Raw): Promise<boolean> | undefined {
  if (!(raw instanceof ServerResponse) || raw.socket !== null) return undefined
  countAhead(raw)
  return new Promise((resolve) => { look(raw, TURNS, resolve) })
}

function look (raw: ServerResponse, turns: number, done: (isTurn: boolean) => void): void {
  setImmediate(() => {
    if (raw.socket !== null || turns === 1) done(raw.socket !== null)
    else look(raw, turns - 1, done)
  })
}

// What is answered to them waits in memory, and Node reads a whole chunk of requests before it stops to do so.
function countAhead (raw: ServerResponse): void {
  const { socket } = raw.req
  const count = (ahead.get(socket) ?? 0) + 1
  ahead.set(socket, count)
  raw.once('socket', () => { ahead.set(socket, (ahead.get(socket) as number) - 1) })
  if (count > MAX_AHEAD) socket.destroy()
}
