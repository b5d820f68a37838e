import type { Redis } from 'ioredis'
import { COMET_ERR_LOG_REFUSED, show } from '../errors.ts'
import type { BrokerSession, LogRecord } from './broker.ts'
import type { Appended, LogEntry } from './message-log.ts'

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

type State = Pick<BrokerSession, 'epoch' | 'start' | 'previous' | 'first' | 'end'>

export interface RedisSessionParts {
  readonly reader: Redis
  readonly writer: Redis
  readonly keys: RedisKeys
  readonly node: string
  /** the digest of the loaded script that appends */
  readonly script: string
  readonly limits: readonly [maxLength: number, maxAge: number]
  readonly state: State
}

/** Channel, data, epoch, origin and time, each after its name. */
type Fields = readonly [string, string, string, string, string, string, string, string, string, string]
/** What an append comes to whose record, or key, is in the log already. */
type Known = readonly [epoch: string, offset: string, isNew: number]
type Reply = [stream: string, entries: [id: string, fields: Fields][]][] | null

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
  readonly first: number
  readonly end: number
  readonly #parts: RedisSessionParts
  readonly #outgoing: Outgoing[] = []

  constructor (parts: RedisSessionParts) {
    this.#parts = parts
    const { epoch, start, previous, first, end } = parts.state
    this.epoch = epoch
    this.start = start
    this.previous = previous
    this.first = first
    this.end = end
  }

  async * entries (position: number): AsyncGenerator<readonly LogEntry[]> {
    const { reader, keys } = this.#parts
    for (let from = position; ;) {
      const reply = await reader.xread('COUNT', BATCH, 'BLOCK', BLOCK, 'STREAMS', keys.stream, from) as Reply
      const entries = reply?.[0]?.[1].map(([id, fields]) => this.#entry(id, fields)) ?? []
      from = entries.at(-1)?.offset ?? from
      if (entries.length > 0) yield entries
      else await this.#check()
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
    return { epoch, offset: Number(offset), isNew: isNew === 1 }
  }

  // Where all was flushed, entries of another epoch may lie behind, and would never come.
  async #check (): Promise<void> {
    const { epoch } = await this.head()
    if (epoch !== this.epoch) throw new Error('another epoch has begun')
  }

  #entry (id: string, [, channel, , data, , epoch, , , , time]: Fields): LogEntry {
    const offset = Number.parseInt(id)
    if (epoch !== this.epoch && offset > this.start) throw new Error('another epoch has begun')
    return { offset, channel, data, time: Number(time) }
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
