import { validateHeaderName, validateHeaderValue } from 'node:http'
import type { FastifyReply } from 'fastify'
import { closeFrame } from '../../connections/connection.ts'
import { COMET_ERR_BUSY, COMET_ERR_PIPELINED, COMET_ERR_SHUTDOWN } from '../../errors.ts'
import { retryDelay } from '../../connections/retry.ts'
import type { Instance } from '../instance.ts'
import type { CloseReason } from '../../protocol/wire.ts'
import { controlFrame } from '../../transports/frames.ts'
import type { Transport } from '../../transports/transport.ts'

/** Sets the headers that every response has, errors included, beside those that hooks have set. */
export function setCommonHeaders (reply: FastifyReply): void {
  reply.header('cache-control', 'no-store, no-transform')
  reply.header('x-accel-buffering', 'no')
  reply.header('x-content-type-options', 'nosniff')
}

/** Sets the headers of a transport's own responses, which may replace those that hooks have set. */
export function setHeaders (reply: FastifyReply, transport: Transport, origin: string): void {
  for (const [name, value] of Object.entries(transport.headers({ retry: 0, origin }))) {
    if (value === undefined) reply.removeHeader(name)
    else reply.header(name, value)
  }
}

/** Throws for a header that Node would refuse: later there is no way back to an error response. */
export function checkHeaders (reply: FastifyReply): void {
  for (const [name, value] of Object.entries(reply.getHeaders())) {
    validateHeaderName(name)
    for (const one of Array.isArray(value) ? value : [value]) validateHeaderValue(name, one as string)
  }
}

/** Sends a client away: with a 503, or with a stream of one `close` frame, as the transport has it. */
export function reject (
  { connections }: Instance, transport: Transport, reply: FastifyReply, reason: 'busy' | 'shutdown'
): void {
  connections.rejected++
  if (reason === 'shutdown') closeAfter(reply)
  if (transport.refusal === 'stream') return sendClose(reply, transport, '', reason)
  const seconds = Math.ceil(retryDelay() / 1000)
  reply.header('retry-after', seconds)
  reply.send(reason === 'busy' ? new COMET_ERR_BUSY(seconds) : new COMET_ERR_SHUTDOWN(seconds))
}

/** Refuses a request that its client has pipelined, and every request behind it on its connection. */
export function refusePipelined ({ connections }: Instance, reply: FastifyReply): void {
  connections.rejected++
  closeAfter(reply)
  reply.send(new COMET_ERR_PIPELINED())
}

// A server that closes would otherwise wait until the idle connection has timed out. HTTP/2 has no such header.
function closeAfter (reply: FastifyReply): void {
  if (reply.request.raw.httpVersionMajor === 1) reply.header('connection', 'close')
}

/** Sends a response of one `close` frame. */
export function sendClose (reply: FastifyReply, transport: Transport, origin: string, reason: CloseReason): void {
  setHeaders(reply, transport, origin)
  reply.send(transport.preamble({ retry: retryDelay(), origin }) + transport.encode([controlFrame(closeFrame(reason))]))
}
