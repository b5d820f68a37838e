import { jetstream, JetStreamApiError } from '@nats-io/jetstream'
import type { JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream'
import type { NatsConnection } from '@nats-io/transport-node'
import { COMET_ERR_LOG_REFUSED, show } from '../../errors.ts'
import { AsyncQueue } from '../../util/async-queue.ts'
import { sha256 } from '../../util/digest.ts'
import { pairKey } from '../../util/names.ts'
import { abortable } from '../../util/promises.ts'
import type { BrokerSession, ForeignEntry, LogRecord } from '../broker/broker.ts'
import { BrokerClock } from '../broker/broker-clock.ts'
import type { Appended, LogEntry } from '../message-log.ts'
import { type NatsState, readState } from './stream.ts'

const BATCH = 500 // messages
// A consumer without messages for this long looks at the stream, in ms.
const IDLE = 2000
// How long the server keeps a consumer that has disappeared, in ms.
const ABANDONED = 30_000
/** How long the server may take to answer a request, in ms. */
export const REQUEST_TIMEOUT = 5000

/** What a session is made of. */
export interface NatsSessionParts {
  readonly connection: NatsConnection
  readonly manager: JetStreamManager
  readonly stream: string
  /** the name of this node */
  readonly node: string
  readonly state: NatsState
  /** Aborts at the end of the session: by `close`, or when the connection is interrupted. */
  readonly end: AbortController
}

/**
 * A consumer of a stream, and acknowledged publishes to it, over the application's connection: it lasts until that is
 * interrupted.
 */
export class NatsSession implements BrokerSession {
  readonly #parts: NatsSessionParts
  readonly #client: JetStreamClient
  readonly #clock: BrokerClock

  constructor (parts: NatsSessionParts) {
    this.#parts = parts
    this.#client = jetstream(parts.connection, { timeout: REQUEST_TIMEOUT })
    this.#clock = new BrokerClock(parts.state.time)
  }

  get state (): NatsState {
    return this.#parts.state
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
    const { node, state: { epoch, subject } } = this.#parts
    const origin = `${node}.${number}`
    const msgID = key === undefined ? origin : messageIdOf(channel, key)
    try {
      const { seq, duplicate } = await this.#client.publish(subject, `${origin}\n${channel}\n${data}`, { msgID })
      const isNew = !duplicate || key === undefined || await this.#isFrom(origin, seq)
      return { epoch, offset: seq, isNew }
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
    const options = { opt_start_seq: position + 1, inactive_threshold: ABANDONED }
    const consumer = await abortable(this.#client.consumers.get(stream, options), signal)
    const messages = await consumer.consume({
      max_messages: BATCH,
      expires: REQUEST_TIMEOUT,
      idle_heartbeat: IDLE,
      callback: (message) => { queue.push(message) }
    })
    const stop = (): void => {
      messages.stop()
      consumer.delete().catch(() => { /* the server deletes it by itself, later */ })
    }
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop)
  }

  // The subject names the epoch: a message of another one, after the start of this one, is in a stream that has
  // replaced this one.
  #entry (message: JsMsg): LogEntry | ForeignEntry {
    const { seq: offset, subject } = message
    if (subject !== this.state.subject && offset > this.state.start) throw new Error('another epoch has begun')
    const text = message.string()
    const channel = text.indexOf('\n') + 1
    const data = text.indexOf('\n', channel) + 1
    if (channel === 0 || data === 0) {
      return { offset, foreign: `the message ${offset} is of something else: ${show(text)}` }
    }
    const time = this.#clock.toLocal(Math.floor(message.info.timestampNanos / 1e6))
    return { offset, channel: text.slice(channel, data - 1), data: text.slice(data), time }
  }

  // No message arrives: because there is none, or because messages, or the server, are gone.
  async #check (position: number): Promise<void> {
    const { epoch, trimmedTo, end } = await this.head()
    if (epoch !== this.state.epoch) throw new Error('another epoch has begun')
    if (trimmedTo > position || end < position) {
      throw new Error('the stream has been set back, or trimmed before it was read')
    }
  }

  async #isFrom (origin: string, seq: number): Promise<boolean> {
    const { manager, stream } = this.#parts
    const message = await manager.streams.getMessage(stream, { seq })
    return message?.string().startsWith(`${origin}\n`) === true
  }
}

// Message ids travel in a header, which cannot have every character of a name.
function messageIdOf (channel: string, key: string): string {
  return sha256(pairKey(channel, key))
}

function isRefusal (error: unknown): boolean {
  return error instanceof JetStreamApiError || show(error).includes('max_payload')
}
