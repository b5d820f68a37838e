// Every error that the client makes itself. Those of the server come with the server's own codes.

/** What went wrong. */
export interface CometError extends Error {
  code: string
  /** The HTTP status, where the server answered. */
  statusCode?: number
}

export function cometError (code: string, message: string, statusCode?: number): CometError {
  const error = new Error(message) as CometError
  error.code = code
  if (statusCode) error.statusCode = statusCode
  return error
}

/** A wrong option or argument: what it is called, the rule, and the value that broke it. */
export function invalid (name: string, rule: string, value: unknown): TypeError & { code: string } {
  const error = new TypeError(name + ' must be ' + rule + ', not ' + show(value)) as TypeError & { code: string }
  error.code = 'COMET_ERR_INVALID'
  return error
}

export function networkError (message?: string): CometError {
  return cometError('COMET_ERR_NETWORK', message || 'the server could not be reached')
}

function show (value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value)
}
