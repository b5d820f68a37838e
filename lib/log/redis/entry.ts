import type { ForeignEntry } from '../broker/broker.ts'
import type { EngineClock } from '../broker/broker-clock.ts'
import type { LogEntry } from '../message-log.ts'

/** An entry as Redis has it: fields and values in turn. */
export type RawEntry = readonly [id: string, fields: readonly string[]]

/** Each is followed by its value: channel, data, epoch, origin, time. */
const NAMES = ['c', 'd', 'e', 'o', 't']

export interface EpochEntry extends LogEntry {
  readonly epoch: string
}

/** An entry that a node has appended, or one of somebody else, such as a program that uses the same key. */
export function readEntry ([id, fields]: RawEntry, clock: EngineClock): EpochEntry | ForeignEntry {
  const offset = Number.parseInt(id)
  const values = fields.filter((_, index) => index % 2 === 1)
  const isOurs = id.endsWith('-0') && fields.length === 2 * NAMES.length && NAMES.every((name, index) => fields[2 * index] === name)
  const [channel = '', data = '', epoch = '', , time = ''] = values
  if (!isOurs || !/^\d{1,15}$/.test(time)) return { offset, foreign: `the entry ${id} has other fields` }
  return { offset, channel, data, epoch, time: clock.toLocal(Number(time)) }
}
