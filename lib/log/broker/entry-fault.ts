import { show } from '../../errors.ts'
import type { ForeignEntry } from './broker.ts'
import type { LogEntry } from '../message-log.ts'

// What a channel's name cannot have, nor be longer than, in UTF-16 units.
const UNFIT = /[\p{Cc}\p{Cs}]/u
const MAX_LENGTH = 510

/** Why an entry is none that a node has appended; `undefined` for one that may be. Whoever can write to the engine can put anything there. */
export function faultOf (entry: LogEntry | ForeignEntry): string | undefined {
  if ('foreign' in entry) return entry.foreign
  const { channel, data } = entry
  if (channel.length > MAX_LENGTH || UNFIT.test(channel)) return `the channel is ${show(channel)}`
  try {
    JSON.parse(data)
    return undefined
  } catch {
    return `the data is no JSON: ${show(data)}`
  }
}
