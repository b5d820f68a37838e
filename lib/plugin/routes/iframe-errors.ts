import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import { asError } from '../../errors.ts'
import { controlFrame } from '../../transports/frames.ts'
import type { ErrorFrame } from '../../protocol/wire.ts'
import { writeLog } from '../../util/logger.ts'
import type { Transport } from '../../transports/transport.ts'
import { embeddingOrigin } from './origin.ts'
import { requestedOrigin } from './query.ts'
import { setCommonHeaders, setHeaders } from './responses.ts'

const UNEXPECTED = 'COMET_ERR_UNEXPECTED'

/** An error handler that sends a document, which posts the error to its parent: that cannot see the status. */
export function iframeErrorHandler (transport: Transport, origins: readonly string[]) {
  return (thrown: FastifyError, request: FastifyRequest, reply: FastifyReply): void => {
    // Hooks may throw any value.
    const error = asError(thrown)
    const origin = listenerOrigin(request, origins)
    const frame = errorFrame(error)
    if (frame.statusCode >= 500) writeLog(request.log, 'error', { err: error }, error.message)
    setCommonHeaders(reply)
    setHeaders(reply, transport, origin)
    const preamble = transport.preamble({ retry: 0, origin })
    reply.code(frame.statusCode).send(preamble + transport.encode([controlFrame(frame)]))
  }
}

// The message of an unexpected error is for the logger only. Some libraries have codes that are numbers.
function errorFrame (error: Error & { statusCode?: number, code?: unknown }): ErrorFrame {
  const { statusCode = 500, message } = error
  const code = typeof error.code === 'string' ? error.code : UNEXPECTED
  const isStatus = Number.isInteger(statusCode) && statusCode >= 400 && statusCode <= 599
  const isOurs = code.startsWith('COMET_ERR_') && code !== UNEXPECTED
  const isShown = isStatus && (statusCode < 500 || isOurs)
  return {
    type: 'error',
    statusCode: isStatus ? statusCode : 500,
    code,
    message: isShown ? message : 'Internal Server Error'
  }
}

function listenerOrigin (request: FastifyRequest, origins: readonly string[]): string {
  const origin = requestedOrigin(request)
  return origin !== undefined && origins.includes(origin) ? embeddingOrigin(request, origin, origins) : ''
}
