// Every error that the client makes itself. Those of the server come with the server's own codes.

/** What went wrong. */
export interface CometError extends Error {
  code: string
  /** The HTTP status, where the server answered. */
  statusCode?: number | undefined
}

export function cometError (code: string, message: string, statusCode?: number, Kind: ErrorConstructor = Error): CometError {
  const error = new Kind(message) as CometError
  error.code = code
  error.statusCode = statusCode
  return error
}

/** A wrong option or argument: what it is called, the rule, and the value that broke it. */
export function invalid (name: string, rule: string, value: unknown): CometError {
  return cometError('COMET_ERR_INVALID', name + ' must be ' + rule + ', not ' + String(value), undefined, TypeError)
}
