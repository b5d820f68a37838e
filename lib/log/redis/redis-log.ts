import { createHash, randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import { COMET_ERR_OPTION, show } from '../../errors.ts'
import type { Broker, BrokerOptions, BrokerSession, KnownPosition } from '../broker/broker.ts'
import { BrokerLog } from '../broker/broker-log.ts'
import { EngineClock } from '../broker/broker-clock.ts'
import { randomEpoch } from '../epoch.ts'
import { BROKER_DEFAULTS, BROKER_RULES, completeOptions, integer, type LogRule } from '../broker/options.ts'
import type { MessageLog } from '../message-log.ts'
import { APPEND, OPEN } from './scripts.ts'
import { type RedisKeys, RedisSession } from './session.ts'

export interface RedisLogOptions {
  /** The key of the stream; the other keys begin with it. @defaultValue `'comet'` */
  stream?: string
  /** About how many entries the stream keeps. @defaultValue 100_000 */
  maxLength?: number
  /** How long it keeps them, ms, as far as further entries come; 0 is for ever. @defaultValue 3_600_000 */
  maxAge?: number
  /** How long a publish waits for a server that does not answer, ms. @defaultValue 5000 */
  publishTimeout?: number
  /** How many of the latest entries a node reads when it starts. @defaultValue 100_000 */
  loadLength?: number
}

type Complete = Required<RedisLogOptions> & BrokerOptions

const DEFAULTS: Complete = { stream: 'comet', maxLength: 100_000, maxAge: 3_600_000, ...BROKER_DEFAULTS }

const RULES: Record<keyof Complete, LogRule> = {
  stream: ['a string whose braces, if any, enclose a hash tag', (value) => typeof value === 'string' && /^[^{}]+$|^[^{}]*\{[^{}]+\}[^{}]*$/.test(value)],
  maxLength: integer(1),
  maxAge: integer(0),
  ...BROKER_RULES
}

// A connection that says nothing for so long is dead, ms. The reader is answered every 2 s even if there is nothing.
const SILENCE = 5000

/**
 * A log in a stream of Redis 7, for the option `log`; needs `npm i ioredis`. `client` is one of `ioredis`, for a single server or with Sentinel (and then with
 * `failoverDetector`); the log makes two connections like it for itself, and leaves it alone. Throws `COMET_ERR_OPTION` or `COMET_ERR_OPTION_UNKNOWN`.
 *
 * @example
 * await app.register(comet, { log: redisLog(new Redis(), { stream: 'comet' }) })
 */
export function redisLog (client: Redis, options: RedisLogOptions = {}): MessageLog {
  if (typeof client?.duplicate !== 'function') throw new COMET_ERR_OPTION('client', 'a client of ioredis', show(client))
  const complete = completeOptions<Complete>(options, DEFAULTS, RULES)
  return new BrokerLog(new RedisBroker(client, complete), complete)
}

class RedisBroker implements Broker {
  readonly name = 'Redis'
  readonly #client: Redis
  readonly #options: Complete
  readonly #keys: RedisKeys
  readonly #node = randomBytes(9).toString('base64url')

  constructor (client: Redis, options: Complete) {
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
    const reply = await writer.eval(OPEN, 2, meta, stream, identity, randomEpoch(), known?.epoch ?? '', known?.position ?? 0)
    const [epoch, start, previous, rest, first, held, end, length, time] = reply as [string, string, string, string, string, string, string, number, string]
    // Nothing after what the node has read is held any more: it is as if the log began at its end.
    const isGone = known?.epoch === epoch && known.position >= Number(held)
    // Loaded scripts are forgotten when a server restarts or another one takes over, so this one, which is named after
    // server and epoch, cannot run where the epoch was not looked at. Their names come from Redis, and are no part of a program.
    const name = createHash('sha256').update(`${identity} ${epoch}`).digest('hex')
    const script = await writer.script('LOAD', `-- ${name}${APPEND}`) as string
    const { maxLength, maxAge } = this.#options
    return new RedisSession({
      reader,
      writer,
      keys: this.#keys,
      node: this.#node,
      script,
      limits: [maxLength, maxAge],
      state: { epoch, start: Number(start), previous: previous === '' ? undefined : previous, rest: Number(rest), first: Number(isGone ? end : first), end: Number(end), length },
      clock: new EngineClock(Number(time))
    })
  }

  // It never connects again by itself: each connection is checked before it is used.
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
    connection.on('error', () => { /* the commands that wait for it reject with it */ })
    return connection
  }
}

// All in one slot of a cluster.
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
