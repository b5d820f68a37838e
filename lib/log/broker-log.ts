import { backoff, pause } from './backoff.ts'
import type { Broker, BrokerOptions, BrokerSession } from './broker.ts'
import type { Appended, LogEntry, LogReader, MessageLog } from './message-log.ts'
import { Milestones } from './milestones.ts'
import { Outbox } from './outbox.ts'

// How long a closing log waits for the answers to what it has sent, ms.
const CLOSE_GRACE = 1000
// A session that lasted so long was a good one, ms.
const STABLE = 5000

/** A log over an engine that nodes share: it connects, loads what is recent, follows, and connects again when the engine was away. */
export class BrokerLog implements MessageLog {
  readonly shared = true
  readonly #broker: Broker
  readonly #options: BrokerOptions
  readonly #outbox: Outbox
  readonly #read = new Milestones()
  readonly #closing = new AbortController()
  #session: BrokerSession | undefined
  #running: Promise<void> | undefined
  #onSession: ((session: BrokerSession | undefined) => void)[] = []
  #isLoaded = false
  /** undefined until the log was reached for the first time */
  #epoch: string | undefined
  #position = 0
  /** The epoch ends here: the next one begins when all up to here has been read. */
  #epochEnd = Infinity
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
    this.#read.pass(Infinity)
    this.#announce(undefined)
    await this.#running
  }

  async #run (reader: LogReader): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; !signal.aborted; failures++) {
      const since = performance.now()
      await this.#attend(reader, signal)
      if (performance.now() - since > STABLE) failures = 0
      await pause(backoff(failures), signal)
    }
  }

  /** One session, from its beginning to its end. */
  async #attend (reader: LogReader, signal: AbortSignal): Promise<void> {
    let session: BrokerSession | undefined
    try {
      const known = this.#epoch === undefined ? undefined : { epoch: this.#epoch, position: this.#position }
      session = await this.#broker.connect(known, signal)
      if (signal.aborted) session.close()
      else await this.#follow(session, reader, signal)
    } catch (error) {
      session?.close()
      if (signal.aborted) return
      this.#fail(session, error)
      this.#tell(reader, false, error)
    }
  }

  async #follow (session: BrokerSession, reader: LogReader, signal: AbortSignal): Promise<void> {
    this.#takeUp(session, reader)
    this.#session = session
    this.#tell(reader, true)
    this.#outbox.connect(session)
    this.#announce(session)
    this.#load(session, reader)
    for await (const entries of session.entries(this.#position)) {
      if (signal.aborted) return
      for (const entry of entries) this.#take(entry, session, reader)
      this.#read.pass(this.#position)
      this.#load(session, reader)
    }
    throw new Error(`${this.#broker.name} has ended the connection`)
  }

  /** Goes on where it was, if the log still has that; where another epoch has begun, with the rest of the old one. */
  #takeUp ({ epoch, previous, start, first, end }: BrokerSession, reader: LogReader): void {
    const oldest = Math.max(start, first)
    if (this.#epoch === undefined) return this.#begin(reader, epoch, Math.max(oldest, end - this.#options.loadLength))
    if (this.#epoch === epoch) return this.#skipTo(first, reader)
    if (this.#epoch === previous && first <= this.#position && this.#position < start) this.#epochEnd = start
    else this.#begin(reader, epoch, oldest)
  }

  #take (entry: LogEntry, { epoch }: BrokerSession, reader: LogReader): void {
    if (entry.offset > this.#epochEnd) this.#begin(reader, epoch, this.#epochEnd)
    if (entry.offset <= this.#position) return
    this.#skipTo(entry.offset - 1, reader)
    this.#position = entry.offset
    reader.entry(entry)
    if (entry.offset === this.#epochEnd) this.#begin(reader, epoch, entry.offset)
  }

  #skipTo (position: number, reader: LogReader): void {
    if (position <= this.#position) return
    this.#position = position
    reader.lost(position)
  }

  #begin (reader: LogReader, epoch: string, position: number): void {
    this.#epoch = epoch
    this.#position = position
    this.#epochEnd = Infinity
    reader.begin(epoch, position)
    // What is waited for is of another epoch now.
    this.#read.pass(Infinity)
  }

  #load ({ end }: BrokerSession, reader: LogReader): void {
    if (this.#isLoaded || this.#position < end) return
    this.#isLoaded = true
    reader.loaded()
  }

  /** The session is at its end: nothing may wait for it any more. */
  #fail (session: BrokerSession | undefined, error: unknown): void {
    if (session !== this.#session) return
    session?.close()
    this.#session = undefined
    this.#outbox.disconnect(error)
    this.#read.pass(Infinity)
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

  async #until (position: number): Promise<void> {
    if (this.#session !== undefined && this.#position < position) await this.#read.reached(position)
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
