import {
  COMET_ERR_CHANNEL, COMET_ERR_DATA, COMET_ERR_KEY, COMET_ERR_MESSAGE_TOO_LARGE, show
} from '../errors.ts'
import { MAX_NAME_LENGTH } from '../protocol/wire.ts'
import { isThenable } from '../util/callbacks.ts'
import { hasNameCharacters } from '../util/names.ts'

const CURSOR = /^[A-Za-z0-9_-]{1,128}$/

/** Whether the text has the form of a cursor; the log may still not know it. */
export function isCursor (text: string): boolean {
  return CURSOR.test(text)
}

/** Throws `COMET_ERR_CHANNEL` for a value that cannot be the name of a channel. */
export function checkChannel (name: unknown): asserts name is string {
  if (!isName(name)) throw new COMET_ERR_CHANNEL(show(name))
}

/** Throws `COMET_ERR_KEY` for a value that cannot be an idempotency key. */
export function checkKey (key: unknown): asserts key is string {
  if (!isName(key)) throw new COMET_ERR_KEY(show(key))
}

/**
 * The data of a message as JSON text. Throws `COMET_ERR_DATA` for data that has no JSON form, and
 * `COMET_ERR_MESSAGE_TOO_LARGE` for more than `maxBytes` bytes.
 */
export function toJson (data: unknown, maxBytes: number): string {
  const json = stringify(data)
  // UTF-8 takes at most three bytes for a UTF-16 unit. Short messages, nearly all, need no counting.
  if (json.length * 3 <= maxBytes) return json
  const bytes = Buffer.byteLength(json)
  if (bytes > maxBytes) throw new COMET_ERR_MESSAGE_TOO_LARGE(maxBytes, bytes)
  return json
}

function stringify (data: unknown): string {
  if (isThenable(data)) throw new COMET_ERR_DATA('a promise')
  let json: string | undefined
  try {
    json = JSON.stringify(data)
  } catch (error) {
    throw new COMET_ERR_DATA(`${show(data)}: ${show(error)}`)
  }
  if (json !== undefined) return json
  throw new COMET_ERR_DATA(typeof data === 'object' ? 'an object whose toJSON returns no JSON value' : show(data))
}

function isName (name: unknown): name is string {
  return typeof name === 'string' && name !== '' && hasLength(name) && hasNameCharacters(name)
}

// A character may be two UTF-16 units; most names are too short for the difference to matter.
function hasLength (name: string): boolean {
  return name.length <= MAX_NAME_LENGTH || (name.length <= 2 * MAX_NAME_LENGTH && [...name].length <= MAX_NAME_LENGTH)
}
