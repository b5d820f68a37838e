import { show } from '../../errors.ts'
import { backoff, sleep } from '../../util/backoff.ts'
import { Condition } from '../../util/condition.ts'
import type { Broker, BrokerOptions, BrokerSession, ForeignEntry } from './broker.ts'
import type { Appended, LogEntry, LogReader, MessageLog } from '../message-log.ts'
import { AppendQueue } from './append-queue.ts'
import { EpochTracker, type Step } from './epoch-tracker.ts'
import { PositionWaiters } from './position-waiters.ts'

// How long a closing log waits for the answers to what it has sent, in ms.
const CLOSE_GRACE = 1000
// A session that lasted this long was a good one, in ms: the next failure is the first one again.
const STABLE = 5000
// Epochs are part of ids, which appear in headers, URLs and frames.
const EPOCH = /^[A-Za-z0-9_]{1,64}$/

type State =
  | { readonly kind: 'connecting' }
  | { readonly kind: 'draining', readonly session: BrokerSession }
  | { readonly kind: 'following', readonly session: BrokerSession }
  | { readonly kind: 'closed' }

const CONNECTING: State = { kind: 'connecting' }

/**
 * A log over a broker that nodes share. It connects, loads what is recent, follows, and connects again after each
 * failure.
 *
 *     connecting ──► draining ──► following      each session; draining only if the log still holds
 *         ▲             │             │          entries of the epoch that this node was in
 *         └─── backoff ─┴─────────────┘
 *     any state ──► closed
 *
 * Only while following is the log connected: then appends are sent, and what waits for a position waits for this
 * session to read it. When the session ends, all such waits resolve, and `append` or `catchUp` look again.
 */
export class BrokerLog implements MessageLog {
  readonly shared = true
  readonly #broker: Broker
  readonly #appends: AppendQueue
  readonly #tracker: EpochTracker
  readonly #positions = new PositionWaiters()
  /** The state is following, or closed, now. */
  readonly #changed = new Condition()
  /** Aborts as the state becomes closed. */
  readonly #closing = new AbortController()
  #state: State = CONNECTING
  #running: Promise<void> | undefined
  /** What the reader was notified of last. */
  #isReachable: boolean | undefined

  /** `publishTimeout` and `loadLength` as in `BrokerOptions`. */
  constructor (broker: Broker, { publishTimeout, loadLength }: BrokerOptions) {
    this.#broker = broker
    this.#tracker = new EpochTracker(loadLength)
    this.#appends = new AppendQueue(publishTimeout, (session, error) => { this.#fail(session, error) })
  }

  get connected (): boolean {
    return this.#state.kind === 'following'
  }

  get pending (): number {
    return this.#appends.size
  }

  start (reader: LogReader): void {
    this.#running = this.#run(reader)
  }

  async append (channel: string, data: string, key: string | undefined): Promise<Appended> {
    const appended = await this.#appends.send(channel, data, key)
    await this.#untilRead(appended.offset)
    return appended
  }

  async catchUp (): Promise<void> {
    while (this.#state.kind !== 'closed') {
      if (this.#state.kind !== 'following') await this.#changed.wait()
      else if (await this.#catchUpWith(this.#state.session)) return
    }
  }

  async close (): Promise<void> {
    await this.#appends.close(CLOSE_GRACE)
    const session = this.#session
    this.#state = { kind: 'closed' }
    this.#closing.abort()
    session?.close()
    this.#positions.reach(Infinity)
    this.#changed.notifyAll()
    await this.#running
  }

  get #isClosed (): boolean {
    return this.#state.kind === 'closed'
  }

  /** The open session, if any. */
  get #session (): BrokerSession | undefined {
    return 'session' in this.#state ? this.#state.session : undefined
  }

  async #run (reader: LogReader): Promise<void> {
    const { signal } = this.#closing
    for (let failures = 0; !this.#isClosed; failures++) {
      const since = performance.now()
      await this.#attend(reader)
      if (performance.now() - since > STABLE) failures = 0
      await sleep(backoff(failures), signal)
    }
  }

  /** One session, from its beginning to its end. */
  async #attend (reader: LogReader): Promise<void> {
    let session: BrokerSession | undefined
    try {
      session = await this.#broker.connect(this.#tracker.known, this.#closing.signal)
      if (!this.#isClosed) await this.#use(session, reader)
      session.close()
    } catch (error) {
      session?.close()
      if (this.#isClosed) return
      // Where `#fail` was first, the reason is the one that it was given.
      if (session === undefined || session === this.#session) this.#leave(error)
      this.#notify(reader, false, error)
    }
  }

  async #use (session: BrokerSession, reader: LogReader): Promise<void> {
    checkEpochs(session, this.#broker.name)
    if (this.#tracker.hasRest(session.state)) {
      this.#state = { kind: 'draining', session }
      await this.#drain(session, reader)
      if (this.#isClosed) return
    }
    this.#apply(this.#tracker.resume(session.state), reader)
    this.#state = { kind: 'following', session }
    this.#notify(reader, true)
    this.#appends.connect(session)
    this.#changed.notifyAll()
    await this.#follow(session, reader)
  }

  /** Reads what the log still holds of the epoch that this node is in, up to where the session's epoch begins. */
  async #drain (session: BrokerSession, reader: LogReader): Promise<void> {
    const { previousEnd } = session.state
    for await (const entries of session.entries(this.#tracker.position)) {
      if (this.#isClosed) return
      this.#accept(entries.filter(({ offset }) => offset <= previousEnd), reader)
      const last = entries.at(-1)?.offset ?? Infinity
      if (last >= previousEnd || this.#tracker.position >= previousEnd) return
    }
    throw this.#ended()
  }

  async #follow (session: BrokerSession, reader: LogReader): Promise<void> {
    for await (const entries of session.entries(this.#tracker.position)) {
      if (this.#isClosed) return
      this.#accept(entries, reader)
      if (entries.length === 0) this.#apply(this.#tracker.exhaust(), reader)
      this.#positions.reach(this.#tracker.position)
    }
    throw this.#ended()
  }

  #accept (entries: readonly (LogEntry | ForeignEntry)[], reader: LogReader): void {
    for (const [index, entry] of entries.entries()) this.#apply(this.#tracker.accept(entry, index > 0), reader)
  }

  #apply (steps: readonly Step[], reader: LogReader): void {
    for (const step of steps) {
      switch (step.type) {
        case 'begin': reader.begin(step.epoch, step.position, step.origin); break
        case 'entry': reader.entry(step.entry); break
        case 'lost': reader.lost(step.position); break
        case 'skip': reader.foreign?.(step.reason); break
        case 'loaded': reader.loaded(); break
      }
    }
  }

  #ended (): Error {
    return new Error(`${this.#broker.name} has ended the connection`)
  }

  /** A session has proved to have ended, if it is still the one that is followed. Closing it ends `#follow`. */
  #fail (session: BrokerSession, error: unknown): void {
    if (this.#state.kind !== 'following' || this.#state.session !== session) return
    session.close()
    this.#leave(error)
  }

  #leave (error: unknown): void {
    this.#state = CONNECTING
    this.#appends.disconnect(error)
    this.#positions.reach(Infinity)
  }

  async #catchUpWith (session: BrokerSession): Promise<boolean> {
    try {
      const { epoch, end } = await session.head()
      if (epoch !== session.state.epoch) throw new Error(`${this.#broker.name} is in another epoch`)
      await this.#untilRead(end)
      return this.#session === session && this.#tracker.position >= end
    } catch (error) {
      this.#fail(session, error)
      return false
    }
  }

  async #untilRead (position: number): Promise<void> {
    if (this.connected && this.#tracker.position < position) await this.#positions.wait(position)
  }

  #notify (reader: LogReader, isReachable: boolean, reason?: unknown): void {
    if (this.#isReachable === isReachable) return
    this.#isReachable = isReachable
    reader.reachable(isReachable, reason)
  }
}

function checkEpochs ({ state: { epoch, previous = epoch } }: BrokerSession, name: string): void {
  const wrong = [epoch, previous].find((one) => !EPOCH.test(one))
  if (wrong === undefined) return
  throw new Error(`${name} has an epoch that must be 1 to 64 of the characters A-Z a-z 0-9 _, got ${show(wrong)}`)
}
