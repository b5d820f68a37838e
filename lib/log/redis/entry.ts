import type { ForeignEntry } from '../broker/broker.ts'
import type { BrokerClock } from '../broker/broker-clock.ts'
import type { LogEntry } from '../message-log.ts'

/** An entry as Redis returns it: names and values of fields in turn. */
export type RawEntry = readonly [id: string, fields: readonly string[]]

/** The fields of an entry, in this order: channel, data, epoch, origin, time. */
const NAMES = ['c', 'd', 'e', 'o', 't']

/** An entry that a node has appended. */
export interface EpochEntry extends LogEntry {
  readonly epoch: string
}

/**
 * Reads an entry that a node has appended, or one that has another form, such as that of a program that uses the same
 * key.
 */
export function readEntry ([id, fields]: RawEntry, clock: BrokerClock): EpochEntry | ForeignEntry {
  const offset = Number.parseInt(id)
  const values = fields.filter((_, index) => index % 2 === 1)
  const hasNames = fields.length === 2 * NAMES.length && NAMES.every((name, index) => fields[2 * index] === name)
  const [channel = '', data = '', epoch = '', , time = ''] = values
  const isOurs = id.endsWith('-0') && hasNames && /^\d{1,15}$/.test(time)
  if (!isOurs) return { offset, foreign: `the entry ${id} has other fields` }
  return { offset, channel, data, epoch, time: clock.toLocal(Number(time)) }
}
