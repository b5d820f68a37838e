import { COMET_ERR_DATA, COMET_ERR_MESSAGE_TOO_LARGE, show } from '../errors.ts'
import { checkChannel, checkKey } from './names.ts'
import { isThenable } from '../util/callbacks.ts'

/** Checks what is to be published and returns the data as JSON text. Throws a `COMET_ERR_…`. */
export function createMessage (channel: unknown, data: unknown, key: unknown, maxBytes: number): string {
  checkChannel(channel)
  if (key !== undefined) checkKey(key)
  const json = toJson(data)
  // Counting is left out where even three bytes a unit, the most that UTF-8 takes, would fit.
  if (json.length * 3 <= maxBytes) return json
  const bytes = Buffer.byteLength(json)
  if (bytes > maxBytes) throw new COMET_ERR_MESSAGE_TOO_LARGE(maxBytes, bytes)
  return json
}

function toJson (data: unknown): string {
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
