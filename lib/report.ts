import type { FastifyBaseLogger } from 'fastify'
import { asError } from './errors.ts'

/** Logs an error that nobody else would hear of. Where the application has no logger it becomes a warning of the process. */
export function report (log: FastifyBaseLogger, thrown: unknown, text: string): void {
  if (!isMute(log)) return log.error({ err: thrown }, text)
  const { message, code } = asError(thrown) as NodeJS.ErrnoException
  process.emitWarning(`${text}: ${message}`, { type: 'CometWarning', ...(typeof code === 'string' ? { code } : {}) })
}

/** Logs what is probably a mistake, in the same way. */
export function warn (log: FastifyBaseLogger, text: string): void {
  if (isMute(log)) process.emitWarning(text, { type: 'CometWarning' })
  else log.warn(text)
}

// Without a logger Fastify has one of a single function that does nothing. One that is set to be silent has a level.
function isMute (log: FastifyBaseLogger): boolean {
  return log.level === undefined && log.error === log.info
}
