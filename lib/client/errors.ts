// Every error that the client makes itself. Those of the server come with the server's own codes.

/** What went wrong. */
export interface CometError extends Error {
  code: string
  /** The HTTP status, where the server answered. */
  statusCode?: number | undefined
  /** In an `error` event: whether the client tries again by itself. */
  retrying?: boolean
  /** In an `error` event, where the client tries again: after this many ms. */
  retryIn?: number
}

export function cometError (code: string, message: string, statusCode?: number, Kind: ErrorConstructor = Error): CometError {
  const error = new Kind(message) as CometError
  error.code = code
  error.statusCode = statusCode
  return error
}

/** A wrong option or argument: what it is called, the rule, and the value that broke it. */
export function invalid (name: string, rule: string, value: unknown): CometError {
  return cometError('COMET_ERR_INVALID', name + ' must be ' + rule + ', not ' + show(value), undefined, TypeError)
}

const LONGEST = 80

/** A value in a message: a string in quotes, anything else as JSON or, where it is none, by its type. Cut after 80 characters. */
function show (value: unknown): string {
  const shown = typeof value === 'number' || typeof value === 'bigint' ? String(value) : asJson(value) || 'a value of type ' + typeof value
  return shown.length > LONGEST ? shown.slice(0, LONGEST) + '…' : shown
}

function asJson (value: unknown): string | undefined {
  try {
    return JSON.stringify(value)
  } catch (error) {
    return undefined
  }
}
