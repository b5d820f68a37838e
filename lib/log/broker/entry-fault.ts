import { show } from '../../errors.ts'
import { hasNameCharacters } from '../../util/names.ts'
import type { ForeignEntry } from './broker.ts'
import type { LogEntry } from '../message-log.ts'

// A name has at most 255 characters, each of which is one or two UTF-16 units.
const MAX_LENGTH = 510

/**
 * Why no node can have appended this entry; `undefined` if one can. Every program that can write to the broker can put
 * anything into the log.
 */
export function faultOf (entry: LogEntry | ForeignEntry): string | undefined {
  if ('foreign' in entry) return entry.foreign
  const { channel, data } = entry
  if (channel.length > MAX_LENGTH || !hasNameCharacters(channel)) return `the channel is ${show(channel)}`
  try {
    JSON.parse(data)
    return undefined
  } catch {
    return `the data is no JSON: ${show(data)}`
  }
}
