import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { FastifyReply } from 'fastify'
import { closeFrame } from '../../connections/connection.ts'
import { COMET_ERR_BUSY, COMET_ERR_PIPELINED, COMET_ERR_SHUTDOWN } from '../../errors.ts'
import { retryDelay } from '../../connections/retry.ts'
import type { Engine } from '../instance.ts'
import type { CloseReason } from '../../protocol/wire.ts'
import type { Transport } from '../../transports/transport.ts'

/** Sets the headers of every answer, errors too, beside those that hooks have set. */
export function setCommonHeaders (reply: FastifyReply): void {
  reply.header('cache-control', 'no-store, no-transform')
  reply.header('x-accel-buffering', 'no')
  reply.header('x-content-type-options', 'nosniff')
}

/** Sets the headers of a transport's own responses. */
export function setHeaders (reply: FastifyReply, transport: Transport, origin: string): void {
  for (const [name, value] of Object.entries(transport.headers({ retry: 0, origin }))) {
    if (value === undefined) reply.removeHeader(name)
    else reply.header(name, value)
  }
}

/** Throws for a header that Node would refuse once it is too late to answer with an error. */
export function checkHeaders (reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    validateHeaderName(name)
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one as string)
  }
}

/** Sends a client away: with a 503, or with a stream that ends with `close`, as the transport has it. */
export function sendAway ({ connections }: Engine, transport: Transport, reply: FastifyReply, reason: 'busy' | 'shutdown'): void {
  connections.rejected++
  if (reason === 'shutdown') closeAfter(reply)
  if (transport.refusal === 'stream') return sendClose(reply, transport, '', reason)
  const seconds = Math.ceil(retryDelay() / 1000)
  reply.header('retry-after', seconds)
  reply.send(reason === 'busy' ? new COMET_ERR_BUSY(seconds) : new COMET_ERR_SHUTDOWN(seconds))
}

/** Refuses a request that was sent ahead: behind it, nothing on its connection is read. */
export function refuseAhead ({ connections }: Engine, reply: FastifyReply): void {
  connections.rejected++
  closeAfter(reply)
  reply.send(new COMET_ERR_PIPELINED())
}

// A server that closes would wait until an idle connection has timed out. HTTP/2 has no such header.
function closeAfter (reply: FastifyReply): void {
  if (reply.request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
}

/** Answers with nothing but the end, and why. */
export function sendClose (reply: FastifyReply, transport: Transport, origin: string, reason: CloseReason): void {
  setHeaders(reply, transport, origin)
  reply.send(transport.preamble({ retry: retryDelay(), origin }) + transport.encode([closeFrame(reason)]))
}
