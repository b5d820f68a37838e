// Every error that the client makes itself. Those of the server come with the server's own codes.

/** What went wrong. */
export interface CometError extends Error {
  code: string
  /** The HTTP status, where the server answered. */
  statusCode?: number | undefined
}

export function cometError (code: string, message: string, statusCode?: number): CometError {
  return fill(new Error(message), code, statusCode)
}

/** A wrong option or argument: what it is called, the rule, and the value that broke it. */
export function invalid (name: string, rule: string, value: unknown): CometError {
  return fill(new TypeError(name + ' must be ' + rule + ', not ' + (typeof value === 'string' ? JSON.stringify(value) : String(value))), 'COMET_ERR_INVALID')
}

function fill (error: Error, code: string, statusCode?: number): CometError {
  const filled = error as CometError
  filled.code = code
  filled.statusCode = statusCode
  return filled
}
