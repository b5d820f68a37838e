import { randomBytes } from 'node:crypto'
import { jetstreamManager } from '@nats-io/jetstream'
import type { NatsConnection, QueuedIterator, Status } from '@nats-io/transport-node'
import { COMET_ERR_OPTION, show } from '../../errors.ts'
import type { Broker, BrokerOptions, BrokerSession, KnownPosition } from '../broker/broker.ts'
import { BrokerLog } from '../broker/broker-log.ts'
import { BROKER_DEFAULTS, BROKER_RULES, completeOptions, integer, type LogRule } from '../broker/options.ts'
import type { MessageLog } from '../message-log.ts'
import { NatsSession, PATIENCE } from './session.ts'
import { KEY_LIFETIME, openStream } from './stream.ts'
import { abortable } from '../../util/promises.ts'

export interface NatsLogOptions {
  /** The name of the stream, and what its subject begins with. @defaultValue `'comet'` */
  stream?: string
  /** How many entries the stream keeps. @defaultValue 100_000 */
  maxMessages?: number
  /** How long it keeps them, ms: 0 is for ever, otherwise at least the 5 minutes for which keys are known. @defaultValue 3_600_000 */
  maxAge?: number
  /** How many servers of a cluster have the stream. @defaultValue 1 */
  replicas?: number
  /** How long a publish waits for a server that does not answer, ms. @defaultValue 5000 */
  publishTimeout?: number
  /** How many of the latest entries a node reads when it starts. @defaultValue 100_000 */
  loadLength?: number
}

type Complete = Required<NatsLogOptions> & BrokerOptions

const DEFAULTS: Complete = { stream: 'comet', maxMessages: 100_000, maxAge: 3_600_000, replicas: 1, ...BROKER_DEFAULTS }

const RULES: Record<keyof Complete, LogRule> = {
  stream: ['1 to 200 of the characters A-Z a-z 0-9 _ -', (value) => typeof value === 'string' && /^[\w-]{1,200}$/.test(value)],
  maxMessages: integer(1),
  maxAge: [`0 or an integer from ${KEY_LIFETIME}`, (value) => value === 0 || integer(KEY_LIFETIME)[1](value)],
  replicas: integer(1, 5),
  ...BROKER_RULES
}

/** After which something may have been missed, or sent in vain. */
const INTERRUPTIONS = new Set<Status['type']>(['disconnect', 'reconnecting', 'staleConnection', 'close'])

/**
 * A log in a stream of NATS JetStream, for the option `log`; needs `npm i @nats-io/transport-node @nats-io/jetstream`. `connection` is one that never gives up
 * (`maxReconnectAttempts: -1`); the log uses it beside the application, and leaves it open. The stream is made with these options if there is
 * none of that name; one that is there is left as it is. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`.
 *
 * @example
 * await app.register(comet, { log: natsLog(await connect({ maxReconnectAttempts: -1 }), { stream: 'comet' }) })
 */
export function natsLog (connection: NatsConnection, options: NatsLogOptions = {}): MessageLog {
  if (typeof connection?.status !== 'function') throw new COMET_ERR_OPTION('connection', 'a connection of @nats-io/transport-node', show(connection))
  const complete = completeOptions<Complete>(options, DEFAULTS, RULES)
  return new BrokerLog(new NatsBroker(connection, complete), complete)
}

class NatsBroker implements Broker {
  readonly name = 'NATS'
  readonly #connection: NatsConnection
  readonly #options: Complete
  readonly #node = randomBytes(9).toString('base64url')

  constructor (connection: NatsConnection, options: Complete) {
    this.#connection = connection
    this.#options = options
  }

  async connect (known: KnownPosition | undefined, signal: AbortSignal): Promise<BrokerSession> {
    const end = new AbortController()
    const lose = (): void => { end.abort(new Error('the connection to NATS was interrupted')) }
    this.#interruption(end.signal).then(lose, lose)
    signal.addEventListener('abort', lose)
    const opened = abortable(this.#open(known, end), end.signal)
    opened.catch((error: unknown) => { end.abort(error) }).finally(() => { signal.removeEventListener('abort', lose) })
    return await opened
  }

  async #open (known: KnownPosition | undefined, end: AbortController): Promise<BrokerSession> {
    const connection = this.#connection
    const manager = await jetstreamManager(connection, { checkAPI: false, timeout: PATIENCE })
    const state = await openStream(manager, this.#options, known)
    return new NatsSession({ connection, manager, stream: this.#options.stream, node: this.#node, state, end })
  }

  // The connection mends itself, and what it was asked meanwhile is lost: whoever used it begins anew.
  async #interruption (signal: AbortSignal): Promise<void> {
    const statuses = this.#connection.status() as QueuedIterator<Status>
    signal.addEventListener('abort', () => { statuses.stop() })
    for await (const { type } of statuses) {
      if (INTERRUPTIONS.has(type)) return
    }
  }
}
