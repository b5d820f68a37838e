import { ServerResponse } from 'node:http'
import { Socket } from 'node:net'
import type { FastifyReply, FastifyRequest } from 'fastify'

type Raw = FastifyReply['raw']

const waiting = new WeakMap<Socket, Set<ServerResponse>>()

/**
 * Makes a response tell of its end even where it waits in a pipeline for the one before it: it has no socket yet, and
 * Node does not tell it when that is lost.
 */
export function tellOfLoss ({ raw: { socket } }: FastifyRequest, { raw }: FastifyReply): void {
  if (!(raw instanceof ServerResponse) || raw.socket !== null || !(socket instanceof Socket)) return
  const responses = waiting.get(socket) ?? watch(socket)
  responses.add(raw)
  raw.once('socket', () => { responses.delete(raw) })
}

// One listener for a socket, however many requests a client sends ahead.
function watch (socket: Socket): Set<ServerResponse> {
  const responses = new Set<ServerResponse>()
  waiting.set(socket, responses)
  socket.once('close', () => { responses.forEach(destroy) })
  return responses
}

/** Destroys a response, with its socket or without one. */
export function destroy (raw: Raw): void {
  raw.destroy()
  if (raw.socket === null) raw.emit('close')
}
