import { show } from '../../errors.ts'
import { backoff, sleep } from '../../util/backoff.ts'
import type { Broker, BrokerOptions, BrokerSession } from './broker.ts'
import type { Appended, LogReader, MessageLog } from '../message-log.ts'
import { Outbox } from './append-queue.ts'
import { Progress } from './epoch-tracker.ts'

// How long a closing log waits for the answers to what it has sent, ms.
const CLOSE_GRACE = 1000
// A session that lasted so long was a good one, ms.
const STABLE = 5000
// It is part of ids, which go into headers, URLs and frames.
const EPOCH = /^[A-Za-z0-9_]{1,64}$/

/** A log over an engine that nodes share: it connects, loads what is recent, follows, and connects again when the engine was away. */
export class BrokerLog implements MessageLog {
  readonly shared = true
  readonly #broker: Broker
  readonly #options: BrokerOptions
  readonly #outbox: Outbox
  readonly #closing = new AbortController()
  #session: BrokerSession | undefined
  #running: Promise<void> | undefined
  #onSession: ((session: BrokerSession | undefined) => void)[] = []
  #progress: Progress | undefined
  /** What the reader was told last. */
  #isReachable: boolean | undefined

  constructor (broker: Broker, options: BrokerOptions) {
    this.#broker = broker
    this.#options = options
    this.#outbox = new Outbox(options.publishTimeout, (session, error) => { this.#fail(session, error) })
  }

  get connected (): boolean {
    return this.#session !== undefined
  }

  get pending (): number {
    return this.#outbox.size
  }

  start (reader: LogReader): void {
    this.#running = this.#run(reader)
  }

  async append (channel: string, data: string, key: string | undefined): Promise<Appended> {
    const appended = await this.#outbox.send(channel, data, key)
    await this.#until(appended.offset)
    return appended
  }

  async catchUp (): Promise<void> {
    for (;;) {
      const session = this.#session ?? await this.#nextSession()
      if (session === undefined || await this.#catchUpWith(session)) return
    }
  }

  async close (): Promise<void> {
    await this.#outbox.close(CLOSE_GRACE)
    this.#closing.abort()
    this.#session?.close()
    this.#session = undefined
    this.#progress?.read.pass(Infinity)
    this.#announce(undefined)
    await this.#running
  }

  async #run (reader: LogReader): Promise<void> {
    const { signal } = this.#closing
    const progress = this.#progress = new Progress(reader, this.#options.loadLength)
    for (let failures = 0; !signal.aborted; failures++) {
      const since = performance.now()
      await this.#attend(progress, reader, signal)
      if (performance.now() - since > STABLE) failures = 0
      await sleep(backoff(failures), signal)
    }
  }

  /** One session, from its beginning to its end. */
  async #attend (progress: Progress, reader: LogReader, signal: AbortSignal): Promise<void> {
    let session: BrokerSession | undefined
    const close = (): void => { session?.close() }
    signal.addEventListener('abort', close)
    try {
      session = await this.#broker.connect(progress.known, signal)
      if (signal.aborted) return close()
      check(session, this.#broker.name)
      await this.#follow(session, progress, reader, signal)
    } catch (error) {
      close()
      if (signal.aborted) return
      this.#fail(session, error)
      this.#tell(reader, false, error)
    } finally {
      signal.removeEventListener('abort', close)
    }
  }

  async #follow (session: BrokerSession, progress: Progress, reader: LogReader, signal: AbortSignal): Promise<void> {
    if (progress.hasRest(session)) await this.#finishEpoch(session, progress, signal)
    if (signal.aborted) return
    progress.takeUp(session)
    this.#session = session
    this.#tell(reader, true)
    this.#outbox.connect(session)
    this.#announce(session)
    for await (const entries of session.entries(progress.position)) {
      if (signal.aborted) return
      progress.takeAll(entries)
    }
    throw new Error(`${this.#broker.name} has ended the connection`)
  }

  /** Reads what the log still holds of the epoch that this node is in, before it takes up the next one. */
  async #finishEpoch (session: BrokerSession, progress: Progress, signal: AbortSignal): Promise<void> {
    for await (const entries of session.entries(progress.position)) {
      if (signal.aborted || progress.takeRest(entries, session)) return
    }
    throw new Error(`${this.#broker.name} has ended the connection`)
  }

  /** The session is at its end: nothing may wait for it any more. */
  #fail (session: BrokerSession | undefined, error: unknown): void {
    if (session !== this.#session) return
    session?.close()
    this.#session = undefined
    this.#outbox.disconnect(error)
    this.#progress?.read.pass(Infinity)
  }

  async #catchUpWith (session: BrokerSession): Promise<boolean> {
    try {
      const { epoch, end } = await session.head()
      if (epoch !== session.epoch) throw new Error(`${this.#broker.name} is in another epoch`)
      await this.#until(end)
      return this.#session === session && this.#position >= end
    } catch (error) {
      this.#fail(session, error)
      return false
    }
  }

  get #position (): number {
    return this.#progress?.position ?? 0
  }

  async #until (position: number): Promise<void> {
    if (this.#session !== undefined && this.#position < position) await this.#progress?.read.reached(position)
  }

  #nextSession (): Promise<BrokerSession | undefined> {
    if (this.#closing.signal.aborted) return Promise.resolve(undefined)
    return new Promise((resolve) => { this.#onSession.push(resolve) })
  }

  #announce (session: BrokerSession | undefined): void {
    for (const resolve of this.#onSession.splice(0)) resolve(session)
  }

  #tell (reader: LogReader, isReachable: boolean, reason?: unknown): void {
    if (this.#isReachable === isReachable) return
    this.#isReachable = isReachable
    reader.reachable(isReachable, reason)
  }
}

function check ({ epoch, previous = epoch }: BrokerSession, name: string): void {
  const wrong = [epoch, previous].find((one) => !EPOCH.test(one))
  if (wrong !== undefined) throw new Error(`${name} has an epoch that must be 1 to 64 of the characters A-Z a-z 0-9 _, got ${show(wrong)}`)
}
