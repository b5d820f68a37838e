import { COMET_ERR_CHANNEL, COMET_ERR_KEY, show } from '../errors.ts'
import { MAX_NAME_LENGTH } from '../protocol/wire.ts'
import { hasNameCharacters } from '../util/names.ts'

const CURSOR = /^[A-Za-z0-9_-]{1,128}$/

/** Whether the text has the form of a cursor; it may still be unknown to the log. */
export function isCursor (text: string): boolean {
  return CURSOR.test(text)
}

/** Throws `COMET_ERR_CHANNEL` for what cannot be a channel's name. */
export function checkChannel (name: unknown): asserts name is string {
  if (!isName(name)) throw new COMET_ERR_CHANNEL(show(name))
}

/** Throws `COMET_ERR_KEY` for what cannot be an idempotency key. */
export function checkKey (key: unknown): asserts key is string {
  if (!isName(key)) throw new COMET_ERR_KEY(show(key))
}

function isName (name: unknown): name is string {
  return typeof name === 'string' && name !== '' && hasLength(name) && hasNameCharacters(name)
}

// A character may be two UTF-16 units; most names are too short for the difference to matter.
function hasLength (name: string): boolean {
  return name.length <= MAX_NAME_LENGTH || (name.length <= 2 * MAX_NAME_LENGTH && [...name].length <= MAX_NAME_LENGTH)
}
