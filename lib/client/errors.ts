// The errors that the client creates. Errors of the server have the server's own codes.

import { attempt } from './browser/env.ts'

/** An error of the client or, passed on, of the server. */
export interface CometError extends Error {
  code: string
  /** The HTTP status, if the server answered. */
  statusCode?: number | undefined
  /** In an `error` event: whether the client tries again by itself. */
  retrying?: boolean
  /** In an `error` event, if the client tries again: the delay until then, in ms. */
  retryIn?: number
}

/** Creates an error with a `COMET_ERR_` code. */
export function cometError (
  code: string, message: string, statusCode?: number, Kind: ErrorConstructor = Error
): CometError {
  const error = new Kind(message) as CometError
  error.code = code
  error.statusCode = statusCode
  return error
}

/** The `TypeError` about a wrong option or argument: its name, the rule (completes "must be"), and the value. */
export function invalid (name: string, rule: string, value: unknown): CometError {
  return cometError('COMET_ERR_INVALID', name + ' must be ' + rule + ', not ' + show(value), undefined, TypeError)
}

/** The maximum number of characters of a value in a message. */
const MAX_SHOWN = 80

/** A value as text for a message: numbers as they are, others as JSON or, if they have none, by their type. */
function show (value: unknown): string {
  const type = typeof value
  const shown = type === 'number' || type === 'bigint'
    ? String(value)
    : attempt(() => JSON.stringify(value)) || type
  return shown.length > MAX_SHOWN ? shown.slice(0, MAX_SHOWN) + '…' : shown
}
