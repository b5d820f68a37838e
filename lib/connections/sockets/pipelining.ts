import { ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyReply } from 'fastify'

type Raw = FastifyReply['raw']

// Over TLS, Node may learn that a response has left one tick after the client has sent its next request: that is so for
// most requests of a busy client that never pipelines. Five ticks allow for anything else that is slow.
const TICKS = 5

// A client that pipelines more requests than this on one connection is not given their responses.
const MAX_PIPELINED = 8

const pipelined = new WeakMap<Socket, number>()

/**
 * Whether a response must wait for another one on its connection, because its client has sent the request before that
 * one ended. A response that must wait is given a few ticks of the event loop: then the result is a promise.
 */
export function isPipelined (raw: Raw): false | Promise<boolean> {
  if (!(raw instanceof ServerResponse) || raw.socket !== null) return false
  countPipelined(raw)
  return new Promise((resolve) => { waitForSocket(raw, TICKS, resolve) })
}

function waitForSocket (raw: ServerResponse, ticks: number, done: (isPipelined: boolean) => void): void {
  setImmediate(() => {
    if (raw.socket !== null || ticks === 1) done(raw.socket === null)
    else waitForSocket(raw, ticks - 1, done)
  })
}

// Responses that wait are in memory, and Node reads a whole chunk of requests before it stops reading.
function countPipelined (raw: ServerResponse): void {
  const { socket } = raw.req
  const count = (pipelined.get(socket) ?? 0) + 1
  pipelined.set(socket, count)
  raw.once('socket', () => { pipelined.set(socket, (pipelined.get(socket) as number) - 1) })
  if (count > MAX_PIPELINED) socket.destroy()
}
