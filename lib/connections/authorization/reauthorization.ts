import type { FastifyRequest } from 'fastify'
import { COMET_ERR_ANSWER } from '../../errors.ts'
import { intervalOf } from '../retry.ts'
import type { AuthorizeQuestion } from './authorize.ts'
import { logError } from '../../util/logger.ts'
import type { ConnectionSettings } from '../settings.ts'
import type { Authorization } from './authorization.ts'

/** The parts of an instance that `keepAuthorized` needs. */
export interface ReauthorizationParts {
  readonly authorization: Authorization
  readonly options: Pick<ConnectionSettings, 'authorizeInterval'>
}

/** A stream that is authorized again and again. */
export interface Authorized {
  readonly stream: {
    readonly channels: readonly string[]
    readonly ended: unknown
    deny (channels: readonly string[]): void
  }
  /** the request that it began with */
  readonly request: FastifyRequest
  readonly question: AuthorizeQuestion
  /** Called with some of its channels, not all, before they are denied. */
  readonly onDenied: (channels: string[]) => void
}

/**
 * Calls `authorize` again after a random 80 to 100 % of each `authorizeInterval`, with the request that the stream
 * began with, and denies the stream the channels that it may no longer have. Returns a function that stops this.
 */
export function keepAuthorized (parts: ReauthorizationParts, authorized: Authorized): () => void {
  const { authorization, options: { authorizeInterval } } = parts
  const { log } = authorized.request
  let timer: NodeJS.Timeout
  const schedule = (): void => {
    timer = setTimeout(() => {
      schedule()
      reauthorize(authorization, authorized).catch((error: unknown) => {
        logError(log, error, 'comet: authorize failed, the stream continues until the next call')
      })
    }, intervalOf(authorizeInterval)).unref()
  }
  schedule()
  return () => { clearTimeout(timer) }
}

async function reauthorize (authorization: Authorization, authorized: Authorized): Promise<void> {
  const { stream, onDenied } = authorized
  const permitted = await permittedChannels(authorization, authorized)
  const denied = stream.channels.filter((channel) => !permitted.includes(channel))
  if (stream.ended !== undefined || denied.length === 0) return
  if (denied.length < stream.channels.length) onDenied(denied)
  // A hook may have ended it.
  if (stream.ended === undefined) stream.deny(denied)
}

// A refusal ends a stream, and an invalid answer is no permission. An `authorize` that fails for a moment is neither.
async function permittedChannels (authorization: Authorization, authorized: Authorized): Promise<readonly string[]> {
  const { stream, request, question } = authorized
  try {
    const { channels } = await authorization.ask(request, { ...question, channels: stream.channels })
    return channels
  } catch (error) {
    if (error instanceof COMET_ERR_ANSWER) {
      logError(request.log, error, 'comet: authorize returned an invalid answer, the stream ends')
    } else if (!isRefusal(error)) {
      throw error
    }
    return []
  }
}

function isRefusal (error: unknown): boolean {
  const statusCode: unknown = error instanceof Error ? Reflect.get(error, 'statusCode') : undefined
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 500
}
