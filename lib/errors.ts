import createError from '@fastify/error'

// The codes and status codes are public. `%s` stands for the arguments of the constructor, in order.

// Options: thrown while the plugin is registered.

/** An option breaks its rule (option, rule, value). Correct the value. */
export const COMET_ERR_OPTION = createError('COMET_ERR_OPTION',
  'comet: option "%s" must be %s, got %s', 500, TypeError)

/** There is no such option (option, list of options). Check its spelling. */
export const COMET_ERR_OPTION_UNKNOWN = createError('COMET_ERR_OPTION_UNKNOWN',
  'comet: unknown option "%s", the options are %s', 500, TypeError)

/**
 * Another instance has the same decorator or path (which of them it is). Give the second instance another `name`
 * and `prefix`.
 */
export const COMET_ERR_REGISTERED = createError('COMET_ERR_REGISTERED',
  'comet: %s is already taken, a second instance needs a "name" and a "prefix" of its own', 500)

// Arguments and requests.

/** An argument of a method breaks its rule (argument, rule, value). Correct the call. */
export const COMET_ERR_ARGUMENT = createError('COMET_ERR_ARGUMENT', 'comet: %s must be %s, got %s', 400, TypeError)

/** A channel name is invalid (name). Use a name that keeps the rule in the error's text. */
export const COMET_ERR_CHANNEL = createError('COMET_ERR_CHANNEL',
  'channel must be 1 to 255 characters, without control characters or lone surrogates, got %s', 400)

/** A cursor or id is invalid (its name, value). Clients must return cursors unchanged. */
export const COMET_ERR_CURSOR = createError('COMET_ERR_CURSOR',
  '%s must be 1 to 128 of the characters A-Z a-z 0-9 _ -, got %s', 400)

/** A query key of the plugin is malformed, missing or given too often (key, rule, value). Correct the request. */
export const COMET_ERR_QUERY = createError('COMET_ERR_QUERY', 'query key "%s" must be %s, got %s', 400)

/** The request target is too long (limit, length; bytes). Use shorter channel names or fewer channels. */
export const COMET_ERR_TARGET_TOO_LONG = createError('COMET_ERR_TARGET_TOO_LONG',
  'the request target must be at most %s bytes, got %s', 414)

/** `authorize` refused the request (`subscribe` or `publish`). The client must not repeat it unchanged. */
export const COMET_ERR_FORBIDDEN = createError('COMET_ERR_FORBIDDEN', 'not allowed to %s', 403)

/** `authorize` returned an invalid answer (answer). Correct the function: nobody is admitted until then. */
export const COMET_ERR_ANSWER = createError('COMET_ERR_ANSWER',
  'authorize must return true, false or an object with channels, user or both, got %s', 500, TypeError)

/** A page of another origin wants to publish or to embed the iframe (origin). Add its origin to `origins`. */
export const COMET_ERR_ORIGIN = createError('COMET_ERR_ORIGIN',
  'the origin %s is not listed in the option "origins"', 403)

// Messages.

/** The data of a message cannot be serialized as JSON (data). Publish plain data. */
export const COMET_ERR_DATA = createError('COMET_ERR_DATA', 'data must be a JSON value, got %s', 400, TypeError)

/** A message exceeds `maxMessageBytes` (limit, size). Publish a reference to the data, or raise the option. */
export const COMET_ERR_MESSAGE_TOO_LARGE = createError('COMET_ERR_MESSAGE_TOO_LARGE',
  'the JSON of a message must be at most %s bytes, got %s', 413)

/** An idempotency key is invalid (key). Use a key that keeps the rule in the error's text. */
export const COMET_ERR_KEY = createError('COMET_ERR_KEY',
  'key must be 1 to 255 characters, without control characters or lone surrogates, got %s', 400)

/** The body of a publish request is invalid (rule, value). Send `{"channel","data","key"?}`. */
export const COMET_ERR_BODY = createError('COMET_ERR_BODY', 'body must be %s, got %s', 400)

/** The Content-Type of a publish request is not JSON (content type). Send it as `application/json`. */
export const COMET_ERR_MEDIA_TYPE = createError('COMET_ERR_MEDIA_TYPE',
  'content-type must be application/json, got %s', 415)

// The state of the server.

/** `maxConnections` or `maxConnectionsPerAddress` is reached (delay, s). The client retries after `Retry-After`. */
export const COMET_ERR_BUSY = createError('COMET_ERR_BUSY', 'too many connections, retry in %s s', 503)

/** A subscribe request was pipelined behind a response that has not ended. Send it on another connection. */
export const COMET_ERR_PIPELINED = createError('COMET_ERR_PIPELINED',
  'the previous response on this connection has not ended, send a subscribe request on another connection', 503)

/** The server is closing or draining (delay, s). The client retries after `Retry-After`, perhaps on another node. */
export const COMET_ERR_SHUTDOWN = createError('COMET_ERR_SHUTDOWN', 'the server is shutting down, retry in %s s', 503)

/** Code of the application threw a value that is not an `Error` (value). Throw an `Error` there. */
export const COMET_ERR_UNEXPECTED = createError('COMET_ERR_UNEXPECTED',
  'a value that is not an Error was thrown: %s', 500)

/** `publish` was called after `app.close()`, or was waiting for the log then: that message may be published. */
export const COMET_ERR_CLOSED = createError('COMET_ERR_CLOSED', 'comet is closed', 503)

// A log that nodes share.

/** The log could not be reached within `publishTimeout` (reason). Nothing was published: publish again. */
export const COMET_ERR_LOG_UNAVAILABLE = createError('COMET_ERR_LOG_UNAVAILABLE',
  'the log could not be reached, nothing was published: %s', 503)

/** The message may have reached the log, but no answer came in time (timeout, ms). Publish again, same `key`. */
export const COMET_ERR_LOG_TIMEOUT = createError('COMET_ERR_LOG_TIMEOUT',
  'the log did not answer within %s ms, the message may or may not be published', 503)

/** The log refused the message, for example because its memory is full (reason). Nothing was published. */
export const COMET_ERR_LOG_REFUSED = createError('COMET_ERR_LOG_REFUSED',
  'the log refused the message, nothing was published: %s', 503)

/** Returns a thrown value as an error: itself if it is an `Error`, otherwise a `COMET_ERR_UNEXPECTED` that shows it. */
export function asError (thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new COMET_ERR_UNEXPECTED(show(thrown))
}

/** Returns a value as error messages show it: one line of at most 80 characters. */
export function show (value: unknown): string {
  if (typeof value === 'function') return 'a function'
  const text = shown(value)
  return text.length > 80 ? `${text.slice(0, 77)}...` : text
}

function shown (value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value)
  return typeof value === 'object' ? showObject(value) : String(value)
}

function showObject (value: object | null): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return `an array of ${value.length}`
  return value instanceof Error ? value.message.replace(/\s*\n\s*/g, ' ') : 'an object'
}
