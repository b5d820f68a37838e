import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { asError } from '../../errors.ts'
import { controlFrame } from '../../transports/frames.ts'
import type { ErrorFrame } from '../../protocol/wire.ts'
import { writeLog } from '../../util/logger.ts'
import type { Transport } from '../../transports/transport.ts'
import { embeddingOrigin } from './origin.ts'
import { originOf } from './query.ts'
import { setCommonHeaders, setHeaders } from './responses.ts'

const UNEXPECTED = 'COMET_ERR_UNEXPECTED'

/** Answers an error with a document that tells it to its parent, which cannot read a frame's status. */
export function errorDocument (transport: Transport, origins: readonly string[]) {
  return (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    // A hook may throw anything.
    const error = asError(thrown)
    const origin = listenerOrigin(request, origins)
    const frame = errorFrame(error)
    if (frame.statusCode >= 500) writeLog(request.log, 'error', { err: error }, error.message)
    setCommonHeaders(reply)
    setHeaders(reply, transport, origin)
    reply.code(frame.statusCode).send(transport.preamble({ retry: 0, origin }) + transport.encode([controlFrame(frame)]))
  }
}

// The text of an unexpected error is for the log. Libraries have codes that are numbers.
function errorFrame (error: Error & { statusCode?: number, code?: unknown }): ErrorFrame {
  const { statusCode = 500, message } = error
  const code = typeof error.code === 'string' ? error.code : UNEXPECTED
  const isStatus = Number.isInteger(statusCode) && statusCode >= 400 && statusCode <= 599
  const isKnown = isStatus && (statusCode < 500 || (code.startsWith('COMET_ERR_') && code !== UNEXPECTED))
  return { type: 'error', statusCode: isStatus ? statusCode : 500, code, message: isKnown ? message : 'Internal Server Error' }
}

function listenerOrigin (request: FastifyRequest, origins: readonly string[]): string {
  const origin = originOf(request)
  return origin !== undefined && origins.includes(origin) ? embeddingOrigin(request, origin, origins) : ''
}
