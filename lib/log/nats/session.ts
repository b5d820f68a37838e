import { jetstream, JetStreamApiError, type JetStreamClient, type JetStreamManager, type JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { COMET_ERR_LOG_REFUSED, show } from '../../errors.ts'
import type { BrokerSession, ForeignEntry, LogRecord } from '../broker/broker.ts'
import { EngineClock } from '../broker/broker-clock.ts'
import type { Appended, LogEntry } from '../message-log.ts'
import { type NatsState, readState } from './stream.ts'
import { abortable } from '../../util/promises.ts'
import { AsyncQueue } from '../../util/async-queue.ts'
import { sha256 } from '../../util/digest.ts'
import { pairKey } from '../../util/names.ts'

const BATCH = 500
// A reader that hears nothing for so long looks at the stream, ms.
const IDLE = 2000
// How long a reader that has disappeared is kept by the server, ms.
const ABANDONED = 30_000
/** What has not been answered after so long never will be, ms. */
export const PATIENCE = 5000

export interface NatsSessionParts {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  readonly stream: string
  readonly node: string
  readonly state: NatsState
  /** Aborted at the end of the session: by `close`, or by whoever sees that the connection was lost. */
  readonly end: AbortController
}

/** One reader of a stream, and acknowledged publishes to it, over the application's connection for as long as that is not interrupted. */
export class NatsSession implements BrokerSession {
  readonly epoch: string
  readonly start: number
  readonly previous = undefined
  readonly rest: number
  readonly first: number
  readonly end: number
  readonly length: number
  readonly #parts: NatsSessionParts
  readonly #client: JetStreamClient
  readonly #clock: EngineClock

  constructor (parts: NatsSessionParts) {
    this.#parts = parts
    this.#client = jetstream(parts.connection, { timeout: PATIENCE })
    const { state } = parts
    this.epoch = state.epoch
    // Which of the entries before the epoch are held is not said.
    this.start = this.rest = state.start
    this.#clock = new EngineClock(state.time)
    this.first = state.first
    this.end = state.end
    this.length = state.length
  }

  async * entries (position: number): AsyncGenerator<readonly (LogEntry | ForeignEntry)[]> {
    const reading = new AbortController()
    const signal = AbortSignal.any([this.#parts.end.signal, reading.signal])
    const queue = new AsyncQueue<JsMsg>(signal)
    try {
      await this.#consume(position, queue, signal)
      for (let from = position; ;) {
        const entries = (await queue.next(IDLE)).map((message) => this.#entry(message))
        from = entries.at(-1)?.offset ?? from
        yield entries
        if (entries.length === 0) await this.#check(from)
      }
    } finally {
      reading.abort()
    }
  }

  async append ({ number, channel, data, key }: LogRecord): Promise<Appended> {
    const { node, state } = this.#parts
    const origin = `${node}.${number}`
    const msgID = key === undefined ? origin : messageIdOf(channel, key)
    try {
      const { seq, duplicate } = await this.#client.publish(state.subject, `${origin}\n${channel}\n${data}`, { msgID })
      const isNew = !duplicate || key === undefined || await this.#isFrom(origin, seq)
      return { epoch: this.epoch, offset: seq, isNew }
    } catch (error) {
      throw isRefusal(error) ? new COMET_ERR_LOG_REFUSED(show(error)) : error
    }
  }

  async head (): Promise<NatsState> {
    const { manager, stream, end: { signal } } = this.#parts
    return readState(await abortable(manager.streams.info(stream), signal))
  }

  close (): void {
    this.#parts.end.abort(new Error('the session was closed'))
  }

  async #consume (position: number, queue: AsyncQueue<JsMsg>, signal: AbortSignal): Promise<void> {
    const { stream } = this.#parts
    const consumer = await abortable(this.#client.consumers.get(stream, { opt_start_seq: position + 1, inactive_threshold: ABANDONED }), signal)
    const messages = await consumer.consume({ max_messages: BATCH, expires: PATIENCE, idle_heartbeat: IDLE, callback: (message) => { queue.push(message) } })
    const stop = (): void => {
      messages.stop()
      consumer.delete().catch(() => { /* the server does so by itself, later */ })
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  }

  // The subject names the epoch: what is of another one, and not from before this one, is in a stream that has replaced this one.
  #entry (message: JsMsg): LogEntry | ForeignEntry {
    const { seq: offset, subject } = message
    if (subject !== this.#parts.state.subject && offset > this.start) throw new Error('another epoch has begun')
    const text = message.string()
    const channel = text.indexOf('\n') + 1
    const data = text.indexOf('\n', channel) + 1
    if (channel === 0 || data === 0) return { offset, foreign: `the message ${offset} is of something else: ${show(text)}` }
    return { offset, channel: text.slice(channel, data - 1), data: text.slice(data), time: this.#clock.toLocal(Math.floor(message.info.timestampNanos / 1e6)) }
  }

  // Nothing comes: because there is nothing, or because it is gone, or the server.
  async #check (position: number): Promise<void> {
    const { epoch, first, end } = await this.head()
    if (epoch !== this.epoch) throw new Error('another epoch has begun')
    if (first > position || end < position) throw new Error('the stream has been set back, or trimmed before it was read')
  }

  async #isFrom (origin: string, seq: number): Promise<boolean> {
    const { manager, stream } = this.#parts
    const message = await manager.streams.getMessage(stream, { seq })
    return message?.string().startsWith(`${origin}\n`) === true
  }
}

// Message ids travel in a header, where not every character may stand.
function messageIdOf (channel: string, key: string): string {
  return sha256(pairKey(channel, key))
}

function isRefusal (error: unknown): boolean {
  return error instanceof JetStreamApiError || show(error).includes('max_payload')
}
