import type { Redis } from 'ioredis'
import { COMET_ERR_OPTION, show } from '../../errors.ts'
import { sha256 } from '../../util/digest.ts'
import { integer, type OptionRules } from '../../util/option-rules.ts'
import type { Broker, BrokerOptions, BrokerSession, KnownPosition, LogState } from '../broker/broker.ts'
import { BrokerClock } from '../broker/broker-clock.ts'
import { createBrokerLog } from '../broker/create-log.ts'
import type { MessageLog } from '../message-log.ts'
import { randomEpoch, randomNodeName } from '../random-names.ts'
import { APPEND } from './append.lua.ts'
import { OPEN } from './open.lua.ts'
import { type RedisKeys, RedisSession } from './session.ts'

/** The options of `redisLog`. */
export interface RedisLogOptions {
  /** The key of the stream; the other keys begin with it. @defaultValue `'comet'` */
  stream?: string
  /** About how many entries the stream keeps. @defaultValue 100_000 */
  maxLength?: number
  /**
   * How long the stream keeps entries, in ms; old ones are removed when new ones are added. 0: no limit. @defaultValue
   * 3_600_000
   */
  maxAge?: number
  /** How long a publish waits for a server that does not answer, in ms. @defaultValue 5000 */
  publishTimeout?: number
  /** The number of the latest entries that a node reads when it starts. @defaultValue 100_000 */
  loadLength?: number
}

type StreamOptions = Required<Pick<RedisLogOptions, 'stream' | 'maxLength' | 'maxAge'>>
type RedisOptions = StreamOptions & BrokerOptions

const DEFAULTS: StreamOptions = { stream: 'comet', maxLength: 100_000, maxAge: 3_600_000 }

const RULES: OptionRules<StreamOptions> = {
  stream: ['a non-empty string with at most one {hash tag}', isStreamName],
  maxLength: integer(1),
  maxAge: integer(0)
}

// A connection that is silent for this long is dead, in ms. The reader gets an answer every 2 s even if nothing is new.
const SILENCE = 5000

/**
 * A log in a stream of Redis 7, for the option `log`; needs `npm i ioredis`. `client` is one of `ioredis`, for a single
 * server or with Sentinel (and then with `failoverDetector`); the log makes two connections like it for itself, and
 * does not use `client` itself. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`.
 *
 * @example
 * await app.register(comet, { log: redisLog(new Redis(), { stream: 'comet' }) })
 */
export function redisLog (client: Redis, options: RedisLogOptions = {}): MessageLog {
  if (typeof client?.duplicate !== 'function') throw new COMET_ERR_OPTION('client', 'a client of ioredis', show(client))
  return createBrokerLog(options, DEFAULTS, RULES, (complete) => new RedisBroker(client, complete))
}

class RedisBroker implements Broker {
  readonly name = 'Redis'
  readonly #client: Redis
  readonly #options: RedisOptions
  readonly #keys: RedisKeys
  readonly #node = randomNodeName()

  constructor (client: Redis, options: RedisOptions) {
    this.#client = client
    this.#options = options
    this.#keys = keysOf(options.stream)
  }

  async connect (known: KnownPosition | undefined, signal: AbortSignal): Promise<BrokerSession> {
    const reader = this.#connection()
    const writer = this.#connection()
    const close = (): void => {
      reader.disconnect()
      writer.disconnect()
    }
    signal.addEventListener('abort', close)
    try {
      await Promise.all([reader.connect(), writer.connect()])
      return await this.#open(reader, writer, known)
    } catch (error) {
      close()
      throw error
    } finally {
      signal.removeEventListener('abort', close)
    }
  }

  async #open (reader: Redis, writer: Redis, known: KnownPosition | undefined): Promise<BrokerSession> {
    const [identity, other] = await Promise.all([identify(writer), identify(reader)])
    if (identity !== other) throw new Error('the two connections lead to different servers')
    const { meta, stream } = this.#keys
    const { epoch: knownEpoch = '', position = 0 } = known ?? {}
    const reply = await writer.eval(OPEN, 2, meta, stream, identity, randomEpoch(), knownEpoch, position) as OpenReply
    const state = readState(reply, known)
    // Redis forgets loaded scripts when a server restarts or another one takes over. This one is named after server and
    // epoch, so it cannot run where the epoch was not checked. The names come from Redis, so a digest of them is used:
    // they must not become a part of a program.
    const name = sha256(`${identity} ${state.epoch}`)
    const script = await writer.script('LOAD', `-- ${name}${APPEND}`) as string
    const { maxLength, maxAge } = this.#options
    return new RedisSession({
      reader,
      writer,
      keys: this.#keys,
      node: this.#node,
      script,
      limits: [maxLength, maxAge],
      state,
      clock: new BrokerClock(Number(reply[8]))
    })
  }

  // It never reconnects by itself: each connection is checked before it is used.
  #connection (): Redis {
    const connection = this.#client.duplicate({
      lazyConnect: true,
      retryStrategy: () => null,
      sentinelRetryStrategy: () => null,
      reconnectOnError: null,
      autoResendUnfulfilledCommands: false,
      maxRetriesPerRequest: null,
      commandTimeout: undefined,
      blockingTimeout: undefined,
      socketTimeout: SILENCE,
      stringNumbers: false,
      replyMapping: 'legacy'
    })
    connection.on('error', () => { /* the pending commands reject with it */ })
    return connection
  }
}

type OpenReply = readonly [
  epoch: string, start: string, previous: string, previousEnd: string, trimmedTo: string, held: string, end: string,
  length: number, time: string
]

function readState (reply: OpenReply, known: KnownPosition | undefined): LogState {
  const [epoch, start, previous, previousEnd, trimmedTo, held, end, length] = reply
  // If no entry after what the node has read is held any more, it is as if the log began at its end.
  const isGone = known?.epoch === epoch && known.position >= Number(held)
  return {
    epoch,
    start: Number(start),
    previous: previous === '' ? undefined : previous,
    previousEnd: Number(previousEnd),
    trimmedTo: Number(isGone ? end : trimmedTo),
    end: Number(end),
    length
  }
}

function isStreamName (value: unknown): boolean {
  return typeof value === 'string' && /^[^{}]+$|^[^{}]*\{[^{}]+\}[^{}]*$/.test(value)
}

// All keys are in one slot of a cluster.
function keysOf (stream: string): RedisKeys {
  const base = stream.includes('{') ? stream : `{${stream}}`
  return { stream, meta: `${base}:meta`, key: `${base}:key:` }
}

async function identify (connection: Redis): Promise<string> {
  const info = await connection.info()
  const read = (name: string): string => new RegExp(`^${name}:(\\S+)`, 'm').exec(info)?.[1] ?? ''
  if (read('role') !== 'master') throw new Error('this server is a replica')
  return `${read('run_id')}:${read('master_replid')}`
}
