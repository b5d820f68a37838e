import type { Redis } from 'ioredis'
import { COMET_ERR_LOG_REFUSED, show } from '../../errors.ts'
import { pairKey } from '../../util/names.ts'
import type { BrokerSession, ForeignEntry, LogRecord, LogState } from '../broker/broker.ts'
import type { BrokerClock } from '../broker/broker-clock.ts'
import { type Appended, KEY_LIFETIME, type LogEntry } from '../message-log.ts'
import { type EpochEntry, type RawEntry, readEntry } from './entry.ts'

const BATCH = 500 // entries
const BLOCK = 2000 // ms
// The most that one command appends: Redis runs nothing else meanwhile.
const MAX_RECORDS = 64
const MAX_CHARACTERS = 262_144

// Errors that concern what was sent, and do not mean that the server is another one.
const REFUSALS = /\b(OOM|MISCONF|NOREPLICAS)\b/

/** The names of a log's keys in Redis. */
export interface RedisKeys {
  /** the entries */
  readonly stream: string
  /**
   * A hash: `epoch`, `start`, `previous`, `identity` of the server, `end`; and for each node, the number of its last
   * record (`record:<node>`) and the time of it (`seen:<node>`).
   */
  readonly meta: string
  /** the prefix of idempotency keys */
  readonly key: string
}

/** What a session is made of. */
export interface RedisSessionParts {
  /** the connection that reads, mostly blocked */
  readonly reader: Redis
  /** the connection that appends */
  readonly writer: Redis
  readonly keys: RedisKeys
  /** the name of this node */
  readonly node: string
  /** the digest of the loaded script that appends */
  readonly script: string
  readonly limits: readonly [maxLength: number, maxAge: number]
  readonly state: LogState
  readonly clock: BrokerClock
}

/** The answer of the script for a record, or key, that is in the log already. */
type Known = readonly [epoch: string, offset: string, isNew: number]
type Reply = [stream: string, entries: RawEntry[]][] | null

interface Outgoing {
  readonly record: LogRecord
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: unknown) => void
}

/** Two connections to one server: one that reads, mostly blocked, and one that appends. */
export class RedisSession implements BrokerSession {
  readonly #parts: RedisSessionParts
  readonly #outgoing: Outgoing[] = []

  constructor (parts: RedisSessionParts) {
    this.#parts = parts
  }

  get state (): LogState {
    return this.#parts.state
  }

  async * entries (position: number): AsyncGenerator<readonly (LogEntry | ForeignEntry)[]> {
    const { reader, keys, clock } = this.#parts
    for (let [from, end] = [String(position), 0]; ;) {
      const reply = await reader.xread('COUNT', BATCH, 'BLOCK', BLOCK, 'STREAMS', keys.stream, from) as Reply
      const raw = reply?.[0]?.[1] ?? []
      // The whole id: entries of other programs may share an offset.
      from = raw.at(-1)?.[0] ?? from
      const entries = raw.map((one) => readEntry(one, clock))
      if (entries.some((entry) => this.#isOfAnother(entry))) yield await this.#withoutOthers(entries)
      else yield entries
      if (raw.length === 0) end = await this.#check(Number.parseInt(from), end)
      // The entries are delivered at the end of this tick: the next command, which takes as long, comes after that.
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

  // All records of one tick are one command: most of the cost is per command.
  #send (): void {
    for (const outgoing of inCommands(this.#outgoing.splice(0))) {
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
      [number, channel, data, key === undefined ? 0 : names.push(keys.key + pairKey(channel, key))])
    try {
      const head = [this.state.epoch, node, ...limits, KEY_LIFETIME]
      const replies = await writer.evalsha(script, names.length, ...names, ...head, ...fields)
      return (replies as (string | Known)[]).map((reply) => this.#appended(reply))
    } catch (error) {
      throw REFUSALS.test(show(error)) ? new COMET_ERR_LOG_REFUSED(show(error)) : error
    }
  }

  #appended (reply: string | Known): Appended {
    if (typeof reply === 'string') return { epoch: this.state.epoch, offset: Number(reply), isNew: true }
    const [epoch, offset, isNew] = reply
    if (!/^\w{1,64}$/.test(epoch)) {
      throw new Error(`an epoch must be 1 to 64 of the characters A-Z a-z 0-9 _, got ${show(epoch)}`)
    }
    return { epoch, offset: Number(offset), isNew: isNew === 1 }
  }

  // After a flush, the entries of another epoch may have lower offsets, and would never arrive. Entries that were there
  // the last time when nothing arrived must have arrived since: if not, they are gone, and another session begins after
  // them.
  async #check (position: number, endBefore: number): Promise<number> {
    const { epoch, end } = await this.head()
    if (epoch !== this.state.epoch) throw new Error('another epoch has begun')
    if (position < endBefore) throw new Error('entries are gone that were not read')
    return end
  }

  #isOfAnother (entry: EpochEntry | ForeignEntry): boolean {
    return 'epoch' in entry && entry.epoch !== this.state.epoch && entry.offset > this.state.start
  }

  // Another epoch has begun if Redis says so, too; otherwise the entry is forged.
  async #withoutOthers (entries: readonly (EpochEntry | ForeignEntry)[]): Promise<(LogEntry | ForeignEntry)[]> {
    const { epoch } = await this.head()
    if (epoch !== this.state.epoch) throw new Error('another epoch has begun')
    return entries.map((entry) => this.#isOfAnother(entry)
      ? { offset: entry.offset, foreign: 'the entry is of an epoch that there is none of' }
      : entry)
  }
}

function inCommands (outgoing: Outgoing[]): Outgoing[][] {
  const commands: Outgoing[][] = []
  let [size, command] = [Infinity, [] as Outgoing[]]
  for (const one of outgoing) {
    if (command.length === MAX_RECORDS || size > MAX_CHARACTERS) {
      commands.push(command = [])
      size = 0
    }
    command.push(one)
    size += one.record.data.length
  }
  return commands
}
