import { DiscardPolicy, JetStreamApiCodes, JetStreamApiError, type JetStreamManager, RetentionPolicy, StorageType, type StreamInfo } from '@nats-io/jetstream'
import type { KnownPosition } from '../broker/broker.ts'
import { randomEpoch } from '../epoch.ts'

const NAME_IN_USE = 10058
const NANOSECONDS = 1_000_000 // a millisecond
/** How long the ids of messages are remembered, ms. */
export const KEY_LIFETIME = 300_000

export interface StreamOptions {
  readonly stream: string
  readonly maxMessages: number
  readonly maxAge: number
  readonly replicas: number
}

/** What a stream says of itself. */
export interface NatsState {
  readonly epoch: string
  readonly start: number
  readonly first: number
  readonly end: number
  /** how many messages it holds */
  readonly length: number
  readonly subject: string
  /** the server's clock, ms since the epoch; before nats-server 2.10 that of this machine */
  readonly time: number
}

/**
 * Opens the stream, or makes it. Its one subject names the epoch and where that began: so it is made together with the stream, all
 * nodes see the same one, and what is published for another epoch finds no stream.
 */
export async function openStream (manager: JetStreamManager, options: StreamOptions, known: KnownPosition | undefined): Promise<NatsState> {
  const state = readState(await find(manager, options) ?? await create(manager, options))
  const isSetBack = state.epoch === known?.epoch && state.end < known.position
  if (!isSetBack) return state
  return readState(await manager.streams.update(options.stream, { subjects: [subjectOf(options.stream, state.end)] }))
}

export function readState (info: StreamInfo & { ts?: string }): NatsState {
  const { config, state, ts } = info
  const [subject = ''] = config.subjects
  const [, epoch, start] = /\.(\w{1,64})\.(\d+)$/.exec(subject) ?? []
  if (epoch === undefined) throw new Error(`the stream "${config.name}" is none of a natsLog: its subject is ${subject}`)
  const end = state.last_seq
  return { epoch, start: Number(start), first: state.messages === 0 ? end : state.first_seq - 1, end, length: state.messages, subject, time: ts === undefined ? Date.now() : Date.parse(ts) }
}

async function find (manager: JetStreamManager, { stream }: StreamOptions): Promise<StreamInfo | undefined> {
  try {
    return await manager.streams.info(stream)
  } catch (error) {
    if (error instanceof JetStreamApiError && error.code === JetStreamApiCodes.StreamNotFound) return undefined
    throw error
  }
}

async function create (manager: JetStreamManager, { stream, maxMessages, maxAge, replicas }: StreamOptions): Promise<StreamInfo> {
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
