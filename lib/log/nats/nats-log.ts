import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection, QueuedIterator, Status } from '@nats-io/transport-node'
import { COMET_ERR_OPTION, show } from '../../errors.ts'
import { integer, type OptionRules } from '../../util/option-rules.ts'
import { abortable } from '../../util/promises.ts'
import type { Broker, BrokerOptions, BrokerSession, KnownPosition } from '../broker/broker.ts'
import { createBrokerLog } from '../broker/create-log.ts'
import { KEY_LIFETIME, type MessageLog } from '../message-log.ts'
import { randomNodeName } from '../random-names.ts'
import { NatsSession, REQUEST_TIMEOUT } from './session.ts'
import { openStream, type StreamOptions } from './stream.ts'

/** The options of `natsLog`. */
export interface NatsLogOptions {
  /** The name of the stream, and the first part of its subject. @defaultValue `'comet'` */
  stream?: string
  /** The number of entries that the stream keeps. @defaultValue 100_000 */
  maxMessages?: number
  /**
   * How long the stream keeps entries, in ms: at least 300_000, the time for which keys are known, or 0 for no limit.
   * @defaultValue 3_600_000
   */
  maxAge?: number
  /** The number of servers of a cluster that have the stream. @defaultValue 1 */
  replicas?: number
  /** How long a publish waits for a server that does not answer, in ms. @defaultValue 5000 */
  publishTimeout?: number
  /** The number of the latest entries that a node reads when it starts. @defaultValue 100_000 */
  loadLength?: number
}

type NatsOptions = StreamOptions & BrokerOptions

const DEFAULTS: StreamOptions = { stream: 'comet', maxMessages: 100_000, maxAge: 3_600_000, replicas: 1 }

const RULES: OptionRules<StreamOptions> = {
  stream: ['1 to 200 of the characters A-Z a-z 0-9 _ -', isStreamName],
  maxMessages: integer(1),
  maxAge: [`0 or an integer from ${KEY_LIFETIME}`, (value) => value === 0 || integer(KEY_LIFETIME)[1](value)],
  replicas: integer(1, 5)
}

// After one of these, messages may have been missed, and requests may never be answered.
const INTERRUPTIONS = new Set<Status['type']>(['disconnect', 'reconnecting', 'staleConnection', 'close'])

/**
 * A log in a stream of NATS JetStream, for the option `log`; needs `npm i @nats-io/transport-node @nats-io/jetstream`.
 * `connection` is one that never gives up (`maxReconnectAttempts: -1`); the log uses it beside the application, and
 * leaves it open. If there is no stream of that name, the log makes it with these options; an existing one is left as
 * it is. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`.
 *
 * @example
 * await app.register(comet, { log: natsLog(await connect({ maxReconnectAttempts: -1 }), { stream: 'comet' }) })
 */
export function natsLog (connection: NatsConnection, options: NatsLogOptions = {}): MessageLog {
  if (typeof connection?.status !== 'function') {
    throw new COMET_ERR_OPTION('connection', 'a connection of @nats-io/transport-node', show(connection))
  }
  return createBrokerLog(options, DEFAULTS, RULES, (complete) => new NatsBroker(connection, complete))
}

class NatsBroker implements Broker {
  readonly name = 'NATS'
  readonly #connection: NatsConnection
  readonly #options: NatsOptions
  readonly #node = randomNodeName()

  constructor (connection: NatsConnection, options: NatsOptions) {
    this.#connection = connection
    this.#options = options
  }

  async connect (known: KnownPosition | undefined, signal: AbortSignal): Promise<BrokerSession> {
    const end = new AbortController()
    const interrupt = (): void => { end.abort(new Error('the connection to NATS was interrupted')) }
    this.#interruption(end.signal).then(interrupt, interrupt)
    signal.addEventListener('abort', interrupt)
    const opened = abortable(this.#open(known, end), end.signal)
    opened.catch((error: unknown) => { end.abort(error) })
      .finally(() => { signal.removeEventListener('abort', interrupt) })
    return await opened
  }

  async #open (known: KnownPosition | undefined, end: AbortController): Promise<BrokerSession> {
    const connection = this.#connection
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: REQUEST_TIMEOUT })
    const state = await openStream(manager, this.#options, known)
    return new NatsSession({ connection, manager, stream: this.#options.stream, node: this.#node, state, end })
  }

  // The connection reconnects by itself, but requests that were pending are lost: a new session begins.
  async #interruption (signal: AbortSignal): Promise<void> {
    const statuses = this.#connection.status() as QueuedIterator<Status>
    signal.addEventListener('abort', () => { statuses.stop() })
    for await (const { type } of statuses) {
      if (INTERRUPTIONS.has(type)) return
    }
  }
}

function isStreamName (value: unknown): boolean {
  return typeof value === 'string' && /^[\w-]{1,200}$/.test(value)
}
