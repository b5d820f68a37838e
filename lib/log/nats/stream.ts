import { DiscardPolicy, JetStreamApiCodes, JetStreamApiError, RetentionPolicy, StorageType } from '@nats-io/jetstream'
import type { JetStreamManager, StreamInfo } from '@nats-io/jetstream'
import type { KnownPosition, LogState } from '../broker/broker.ts'
import { KEY_LIFETIME } from '../message-log.ts'
import { randomEpoch } from '../random-names.ts'

const NAME_IN_USE = 10058
const NANOSECONDS = 1_000_000 // per millisecond

/** How a stream is made; the options of `natsLog` describe each. */
export interface StreamOptions {
  readonly stream: string
  readonly maxMessages: number
  readonly maxAge: number
  readonly replicas: number
}

/** The state of a stream. */
export interface NatsState extends LogState {
  /** The one subject of the stream: it names the epoch and its start. */
  readonly subject: string
  /** The server's time, in ms since the Unix epoch; before nats-server 2.10 that of this machine. */
  readonly time: number
}

/**
 * Opens the stream, or makes it. Its one subject names the epoch and where it began: so the epoch is made together with
 * the stream, all nodes see the same one, and a publish for another epoch finds no stream. A stream that holds less
 * than the node knows begins another epoch. Rejects if the stream is not one of a `natsLog`.
 */
export async function openStream (
  manager: JetStreamManager,
  options: StreamOptions,
  known: KnownPosition | undefined
): Promise<NatsState> {
  const state = readState(await find(manager, options) ?? await create(manager, options))
  const isSetBack = state.epoch === known?.epoch && state.end < known.position
  if (!isSetBack) return state
  return readState(await manager.streams.update(options.stream, { subjects: [subjectOf(options.stream, state.end)] }))
}

/** Reads the state from what the server says of a stream. Throws if the stream is not one of a `natsLog`. */
export function readState (info: StreamInfo & { ts?: string }): NatsState {
  const { config, state: { messages, first_seq: first, last_seq: end }, ts } = info
  const [subject = ''] = config.subjects
  const [, epoch, offset] = /\.(\w{1,64})\.(\d+)$/.exec(subject) ?? []
  if (epoch === undefined) {
    throw new Error(`the stream "${config.name}" is none of a natsLog: its subject is ${subject}`)
  }
  const start = Number(offset)
  return {
    epoch,
    start,
    previous: undefined,
    // The server does not say which of the entries before the epoch it holds.
    previousEnd: start,
    trimmedTo: messages === 0 ? end : first - 1,
    end,
    length: messages,
    subject,
    time: ts === undefined ? Date.now() : Date.parse(ts)
  }
}

async function find (manager: JetStreamManager, { stream }: StreamOptions): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(stream)
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined
    throw error
  }
}

async function create (manager: JetStreamManager, options: StreamOptions): Promise<StreamInfo> {
  const { stream, maxMessages, maxAge, replicas } = options
  try {
    return await manager.streams.add({
      name: stream,
      subjects: [subjectOf(stream, 0)],
      retention: RetentionPolicy.Limits,
      storage: StorageType.File,
      discard: DiscardPolicy.Old,
      max_msgs: maxMessages,
      max_age: maxAge * NANOSECONDS,
      duplicate_window: KEY_LIFETIME * NANOSECONDS,
      num_replicas: replicas
    })
  } catch (error) {
    const isThere = error instanceof JetStreamApiError && error.code === NAME_IN_USE
    if (isThere) return await manager.streams.info(stream)
    throw error
  }
}

function subjectOf (stream: string, start: number): string {
  return `${stream}.${randomEpoch()}.${start}`
}
