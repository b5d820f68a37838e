import type { FastifyBaseLogger } from 'fastify'
import { asError } from '../errors.ts'

export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Writes a line to the application's logger. Never throws: see `safely`. */
export function writeLog (log: FastifyBaseLogger, level: LogLevel, fields: object, text: string): void {
  safely(() => { log[level](fields, text) })
}

/** Logs an error that nobody else would hear of. Where the application has no logger it becomes a warning of the process. */
export function report (log: FastifyBaseLogger, thrown: unknown, text: string): void {
  safely(() => {
    if (!isMute(log)) return log.error({ err: thrown }, text)
    const { message, code } = asError(thrown) as NodeJS.ErrnoException
    process.emitWarning(`${text}: ${message}`, { type: 'CometWarning', ...(typeof code === 'string' ? { code } : {}) })
  })
}

/** Logs what is probably a mistake, in the same way. */
export function warn (log: FastifyBaseLogger, text: string): void {
  safely(() => {
    if (isMute(log)) process.emitWarning(text, { type: 'CometWarning' })
    else log.warn(text)
  })
}

let hasThrown = false

/**
 * Calls the application's logger. It may be any object, with serializers of any kind, and is called in the middle of work
 * for others, so what it throws must not go on. The first time it is a warning of the process; a line a message would be too many.
 */
export function safely (call: () => void): void {
  try {
    call()
  } catch (error) {
    if (hasThrown) return
    hasThrown = true
    const text = `comet: the logger threw, and some lines are not logged (this warning appears only once): ${textOf(error)}`
    process.emitWarning(text, { type: 'CometWarning', code: 'COMET_LOGGER' })
  }
}

// What is thrown may throw when it is looked at.
function textOf (thrown: unknown): string {
  try {
    return asError(thrown).message
  } catch {
    return 'an error that cannot be shown'
  }
}

// Without a logger Fastify has one of a single function that does nothing. One that is set to be silent has a level.
function isMute (log: FastifyBaseLogger): boolean {
  return log.level === undefined && log.error === log.info
}
