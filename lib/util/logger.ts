import type { FastifyBaseLogger } from 'fastify'
import { asError } from '../errors.ts'

/** The levels that the plugin logs at. */
export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes a line to the application's logger. Never throws: see `callLogger`. */
export function writeLog (logger: FastifyBaseLogger, level: LogLevel, fields: object, text: string): void {
  callLogger(() => { logger[level](fields, text) })
}

/** Logs an error that no caller receives. Where the application has no logger, it becomes a warning of the process. */
export function logError (logger: FastifyBaseLogger, thrown: unknown, text: string): void {
  callLogger(() => {
    if (!isAbsent(logger)) return logger.error({ err: thrown }, text)
    const { message, code } = asError(thrown) as NodeJS.ErrnoException
    const hasCode = typeof code === 'string'
    process.emitWarning(`${text}: ${message}`, { type: 'CometWarning', ...(hasCode ? { code } : {}) })
  })
}

/** Logs what is probably a mistake. Where the application has no logger, it becomes a warning of the process. */
export function logWarning (logger: FastifyBaseLogger, text: string): void {
  callLogger(() => {
    if (isAbsent(logger)) process.emitWarning(text, { type: 'CometWarning' })
    else logger.warn(text)
  })
}

let hasThrown = false

/**
 * Calls the application's logger. It may be any object, with serializers of any kind, and is called in the middle of
 * work for others: what it throws goes no further. The first error becomes a warning of the process; a warning for each
 * message would be a flood.
 */
export function callLogger (call: () => void): void {
  try {
    call()
  } catch (error) {
    if (hasThrown) return
    hasThrown = true
    const text = 'comet: the logger threw, and some lines are not logged (this warning appears only once)'
    process.emitWarning(`${text}: ${textOf(error)}`, { type: 'CometWarning', code: 'COMET_LOGGER' })
  }
}

// An error's properties may be getters that throw.
function textOf (thrown: unknown): string {
  try {
    return asError(thrown).message
  } catch {
    return 'an error that cannot be shown'
  }
}

// Without a logger, Fastify has one whose methods are a single empty function. A logger that is set to be silent has a
// level.
function isAbsent (logger: FastifyBaseLogger): boolean {
  return logger.level === undefined && logger.error === logger.info
}
