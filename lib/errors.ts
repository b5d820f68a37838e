import createError from '@fastify/error'

// Options: thrown at register.
export const COMET_ERR_OPTION = createError('COMET_ERR_OPTION', 'comet: option "%s" must be %s, got %s', 500, TypeError)
export const COMET_ERR_OPTION_UNKNOWN = createError('COMET_ERR_OPTION_UNKNOWN', 'comet: option "%s" is unknown, the options are %s', 500, TypeError)
export const COMET_ERR_REGISTERED = createError('COMET_ERR_REGISTERED', 'comet: %s is taken already; a second comet needs a "name" and a "prefix" of its own', 500)

// Arguments and requests.
export const COMET_ERR_ARGUMENT = createError('COMET_ERR_ARGUMENT', 'comet: %s must be %s, got %s', 400, TypeError)
export const COMET_ERR_CHANNEL = createError('COMET_ERR_CHANNEL', 'channel must be 1 to 255 characters without control characters or lone surrogates, got %s', 400)
export const COMET_ERR_CURSOR = createError('COMET_ERR_CURSOR', '%s must be 1 to 128 of the characters A-Z a-z 0-9 _ -, got %s', 400)
export const COMET_ERR_QUERY = createError('COMET_ERR_QUERY', 'query key "%s" must be %s, got %s', 400)
export const COMET_ERR_TARGET_TOO_LONG = createError('COMET_ERR_TARGET_TOO_LONG', 'request target must be at most %s bytes, got %s', 414)
export const COMET_ERR_FORBIDDEN = createError('COMET_ERR_FORBIDDEN', 'not allowed to %s', 403)
export const COMET_ERR_ANSWER = createError('COMET_ERR_ANSWER', 'authorize must answer true, false or { channels?, user? }, got %s', 500, TypeError)
export const COMET_ERR_ORIGIN = createError('COMET_ERR_ORIGIN', 'origin must be one of the option "origins", got %s', 403)

// Messages.
export const COMET_ERR_DATA = createError('COMET_ERR_DATA', 'data must be a JSON value, got %s', 400, TypeError)
export const COMET_ERR_MESSAGE_TOO_LARGE = createError('COMET_ERR_MESSAGE_TOO_LARGE', 'a message must be at most %s bytes of JSON, got %s', 413)
export const COMET_ERR_KEY = createError('COMET_ERR_KEY', 'key must be 1 to 255 characters without control characters or lone surrogates, got %s', 400)
export const COMET_ERR_BODY = createError('COMET_ERR_BODY', 'body must be %s, got %s', 400)
export const COMET_ERR_MEDIA_TYPE = createError('COMET_ERR_MEDIA_TYPE', 'content-type must be application/json, got %s', 415)

// The server's state.
export const COMET_ERR_BUSY = createError('COMET_ERR_BUSY', 'too many connections, come back in %s s', 503)
export const COMET_ERR_PIPELINED = createError('COMET_ERR_PIPELINED', 'a request for messages must wait for the end of the response before it on its connection, send it on another one', 503)
export const COMET_ERR_SHUTDOWN = createError('COMET_ERR_SHUTDOWN', 'shutting down, come back in %s s', 503)
export const COMET_ERR_UNEXPECTED = createError('COMET_ERR_UNEXPECTED', 'what was thrown is no error: %s', 500)
export const COMET_ERR_CLOSED = createError('COMET_ERR_CLOSED', 'comet is closed', 503)

// The log that nodes share.
export const COMET_ERR_LOG_UNAVAILABLE = createError('COMET_ERR_LOG_UNAVAILABLE', 'the log cannot be reached, nothing was published: %s', 503)
export const COMET_ERR_LOG_TIMEOUT = createError('COMET_ERR_LOG_TIMEOUT', 'the log has not answered within %s ms: the message may be published, or not', 503)
export const COMET_ERR_LOG_REFUSED = createError('COMET_ERR_LOG_REFUSED', 'the log does not take the message: %s', 503)

/** What was thrown, as an error: `COMET_ERR_UNEXPECTED` where it is none. */
export function asError (thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new COMET_ERR_UNEXPECTED(show(thrown))
}

/** A value as an error message shows it: one short line, whatever it is. */
export function show (value: unknown): string {
  if (typeof value === 'function') return 'a function'
  const text = typeof value === 'string' ? JSON.stringify(value) : typeof value === 'object' ? showObject(value) : String(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function showObject (value: object | null): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return value instanceof Error ? value.message.replace(/\s*\n\s*/g, ' ') : 'an object'
}
