import type { Redis } from 'ioredis'
import { COMET_ERR_LOG_REFUSED, show } from '../../errors.ts'
import type { BrokerSession, ForeignEntry, LogRecord } from '../broker/broker.ts'
import type { EngineClock } from '../broker/broker-clock.ts'
import type { Appended, LogEntry } from '../message-log.ts'
import { type EpochEntry, type RawEntry, readEntry } from './entry.ts'

const BATCH = 500
const BLOCK = 2000 // ms
// of what is appended by one command
const MOST_AT_ONCE = 64
const MOST_CHARACTERS = 262_144

/** Answers that are about what was sent, and not about the server being another one. */
const REFUSALS = /\b(OOM|MISCONF|NOREPLICAS)\b/

export interface RedisKeys {
  readonly stream: string
  /** epoch, where it began, the epoch before, the server's identity, the last offset, and the number of the last record that each node has sent */
  readonly meta: string
  /** what the keys of messages begin with */
  readonly key: string
}

type State = Pick<BrokerSession, 'epoch' | 'start' | 'previous' | 'rest' | 'first' | 'end' | 'length'>

export interface RedisSessionParts {
  readonly reader: Redis
  readonly writer: Redis
  readonly keys: RedisKeys
  readonly node: string
  /** the digest of the loaded script that appends */
  readonly script: string
  readonly limits: readonly [maxLength: number, maxAge: number]
  readonly state: State
  readonly clock: EngineClock
}

/** What an append comes to whose record, or key, is in the log already. */
type Known = readonly [epoch: string, offset: string, isNew: number]
type Reply = [stream: string, entries: RawEntry[]][] | null

interface Outgoing {
  readonly record: LogRecord
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: unknown) => void
}

/** Two connections to one server: one that reads, mostly blocked, and one that appends. */
export class RedisSession implements BrokerSession {
  readonly epoch: string
  readonly start: number
  readonly previous: string | undefined
  readonly rest: number
  readonly first: number
  readonly end: number
  readonly length: number
  readonly #parts: RedisSessionParts
  readonly #outgoing: Outgoing[] = []

  constructor (parts: RedisSessionParts) {
    this.#parts = parts
    const { epoch, start, previous, rest, first, end, length } = parts.state
    this.epoch = epoch
    this.start = start
    this.previous = previous
    this.rest = rest
    this.first = first
    this.end = end
    this.length = length
  }

  async * entries (position: number): AsyncGenerator<readonly (LogEntry | ForeignEntry)[]> {
    const { reader, keys, clock } = this.#parts
    for (let [from, end] = [String(position), 0]; ;) {
      const reply = await reader.xread('COUNT', BATCH, 'BLOCK', BLOCK, 'STREAMS', keys.stream, from) as Reply
      const raw = reply?.[0]?.[1] ?? []
      // The whole id: entries that are not the log's may share an offset.
      from = raw.at(-1)?.[0] ?? from
      const entries = raw.map((one) => readEntry(one, clock))
      if (entries.some((entry) => this.#isOfAnother(entry))) yield await this.#withoutOthers(entries)
      else yield entries
      if (raw.length === 0) end = await this.#check(Number.parseInt(from), end)
      // What came is handed out at the end of the turn: asking for more, which takes as long, comes after that.
      await new Promise(setImmediate)
    }
  }

  append (record: LogRecord): Promise<Appended> {
    return new Promise((resolve, reject) => {
      if (this.#outgoing.push({ record, resolve, reject }) === 1) process.nextTick(() => { this.#send() })
    })
  }

  async head (): Promise<{ epoch: string, end: number }> {
    const { writer, keys } = this.#parts
    const [epoch, end] = await writer.hmget(keys.meta, 'epoch', 'end')
    return { epoch: epoch ?? '', end: Number(end) }
  }

  close (): void {
    this.#parts.reader.disconnect()
    this.#parts.writer.disconnect()
  }

  // All that is appended in one turn is one command: most of what it costs is paid once for each.
  #send (): void {
    for (const outgoing of portions(this.#outgoing.splice(0))) {
      this.#appendAll(outgoing.map(({ record }) => record)).then((appended) => {
        for (const [index, { resolve }] of outgoing.entries()) resolve(appended[index] as Appended)
      }, (error: unknown) => {
        for (const { reject } of outgoing) reject(error)
      })
    }
  }

  async #appendAll (records: readonly LogRecord[]): Promise<Appended[]> {
    const { writer, keys, node, script, limits } = this.#parts
    const names = [keys.meta, keys.stream]
    const fields = records.flatMap(({ number, channel, data, key }) =>
      [number, channel, data, key === undefined ? 0 : names.push(`${keys.key}${channel}\n${key}`)])
    try {
      const replies = await writer.evalsha(script, names.length, ...names, this.epoch, node, ...limits, ...fields)
      return (replies as (string | Known)[]).map((reply) => this.#appended(reply))
    } catch (error) {
      throw REFUSALS.test(show(error)) ? new COMET_ERR_LOG_REFUSED(show(error)) : error
    }
  }

  #appended (reply: string | Known): Appended {
    if (typeof reply === 'string') return { epoch: this.epoch, offset: Number(reply), isNew: true }
    const [epoch, offset, isNew] = reply
    if (!/^\w{1,64}$/.test(epoch)) throw new Error(`an epoch must be 1 to 64 of the characters A-Z a-z 0-9 _, got ${show(epoch)}`)
    return { epoch, offset: Number(offset), isNew: isNew === 1 }
  }

  // Where all was flushed, entries of another epoch may lie behind, and would never come. Those that there were when nothing
  // came the last time should have come by now: they are gone, and another session begins after them.
  async #check (position: number, endBefore: number): Promise<number> {
    const { epoch, end } = await this.head()
    if (epoch !== this.epoch) throw new Error('another epoch has begun')
    if (position < endBefore) throw new Error('entries are gone that were not read')
    return end
  }

  #isOfAnother (entry: EpochEntry | ForeignEntry): boolean {
    return 'epoch' in entry && entry.epoch !== this.epoch && entry.offset > this.start
  }

  // Another epoch has begun, if Redis says so too.
  async #withoutOthers (entries: readonly (EpochEntry | ForeignEntry)[]): Promise<(LogEntry | ForeignEntry)[]> {
    const { epoch } = await this.head()
    if (epoch !== this.epoch) throw new Error('another epoch has begun')
    return entries.map((entry) => this.#isOfAnother(entry) ? { offset: entry.offset, foreign: 'the entry is of an epoch that there is none of' } : entry)
  }
}

// Nothing else runs in the server meanwhile, so that one command must not grow without end.
function portions (outgoing: Outgoing[]): Outgoing[][] {
  const all: Outgoing[][] = []
  let [size, portion] = [Infinity, [] as Outgoing[]]
  for (const one of outgoing) {
    if (portion.length === MOST_AT_ONCE || size > MOST_CHARACTERS) {
      all.push(portion = [])
      size = 0
    }
    portion.push(one)
    size += one.record.data.length
  }
  return all
}
