import { COMET_ERR_ANSWER } from '../../errors.ts'
import { intervalOf } from '../retry.ts'
import type { AuthorizeQuestion } from './authorize.ts'
import { logError } from '../../util/logger.ts'
import type { FastifyRequest } from 'fastify'
import type { ConnectionSettings } from '../settings.ts'
import type { Stream } from '../stream.ts'
import type { Authorization } from './authorization.ts'

interface Reauthorizing {
  readonly authorization: Authorization
  readonly options: ConnectionSettings
}

/**
 * Asks again, at a random 80 to 100 % of each `authorizeInterval`, whether a stream may have its channels, with the request that it began with.
 * Returns what stops it.
 */
export function keepAuthorized ({ authorization, options: { authorizeInterval } }: Reauthorizing, stream: Stream, request: FastifyRequest, question: AuthorizeQuestion, onDenied: (channels: string[]) => void): () => void {
  const ask = async (): Promise<void> => {
    const permitted = await permittedChannels(authorization, stream, request, question)
    const denied = stream.channels.filter((channel) => !permitted.includes(channel))
    if (stream.ended !== undefined || denied.length === 0) return
    if (denied.length < stream.channels.length) onDenied(denied)
    // A hook may have ended it.
    if (stream.ended === undefined) stream.deny(denied)
  }
  let timer: NodeJS.Timeout
  const askLater = (): void => {
    timer = setTimeout(() => {
      askLater()
      ask().catch((error: unknown) => { logError(request.log, error, 'comet: authorize failed, the stream goes on until it answers') })
    }, intervalOf(authorizeInterval)).unref()
  }
  askLater()
  return () => { clearTimeout(timer) }
}

// A refusal ends a stream for good, and what is no answer is no permission. An authorize that is broken for a moment is neither.
async function permittedChannels (authorization: Authorization, stream: Stream, request: FastifyRequest, question: AuthorizeQuestion): Promise<readonly string[]> {
  try {
    const { channels } = await authorization.ask(request, { ...question, channels: stream.channels })
    return channels
  } catch (error) {
    if (error instanceof COMET_ERR_ANSWER) logError(request.log, error, 'comet: the stream is ended, because its authorize gave no answer')
    else if (!isRefusal(error)) throw error
    return []
  }
}

function isRefusal (error: unknown): boolean {
  const statusCode: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
}
