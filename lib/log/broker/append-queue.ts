import {
  COMET_ERR_CLOSED,
  COMET_ERR_LOG_REFUSED,
  COMET_ERR_LOG_TIMEOUT,
  COMET_ERR_LOG_UNAVAILABLE,
  show
} from '../../errors.ts'
import { withTimeout } from '../../util/promises.ts'
import { Condition } from '../../util/condition.ts'
import type { BrokerSession, LogRecord } from './broker.ts'
import type { Appended } from '../message-log.ts'

// The most records that are held while the broker is away.
const MAX_HELD = 10_000

interface PendingAppend {
  readonly record: LogRecord
  /** ms of the monotonic clock */
  readonly deadline: number
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: Error) => void
  isSent: boolean
}

type State =
  | { readonly kind: 'holding', readonly reason: unknown }
  | { readonly kind: 'sending', readonly session: BrokerSession }
  | { readonly kind: 'closing' }

/**
 * Records on their way into the log, in order. A record is sent, is sent again over the next session if no answer came,
 * and is rejected after a timeout.
 *
 *     holding ◄──► sending      connect() and disconnect()
 *        └──► closing ◄──┘      close()
 *
 * A record is pending until it is answered, refused or expired, in any state: `connect` sends all pending ones, in
 * order, so that none overtakes another. Closing, the queue accepts no new records, but answers still count.
 */
export class AppendQueue {
  readonly #timeout: number
  readonly #onFailure: (session: BrokerSession, error: unknown) => void
  /** by number, so in the order of their deadlines */
  readonly #pending = new Map<number, PendingAppend>()
  readonly #emptied = new Condition()
  #state: State = { kind: 'holding', reason: 'not connected yet' }
  #count = 0
  /** set while anything is pending: for the deadline of the first */
  #timer: NodeJS.Timeout | undefined

  /**
   * `timeout`: how long a record waits for its answer, in ms. `onFailure` is called when a session has proved to have
   * ended.
   */
  constructor (timeout: number, onFailure: (session: BrokerSession, error: unknown) => void) {
    this.#timeout = timeout
    this.#onFailure = onFailure
  }

  /** The number of records without an answer. */
  get size (): number {
    return this.#pending.size
  }

  /**
   * Sends a record, now or as soon as there is a session. Rejects with `COMET_ERR_CLOSED`, `COMET_ERR_LOG_REFUSED`,
   * `COMET_ERR_LOG_UNAVAILABLE` (it was never sent) or `COMET_ERR_LOG_TIMEOUT` (it was).
   */
  send (channel: string, data: string, key: string | undefined): Promise<Appended> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      const record = { number: ++this.#count, channel, data, key }
      const append = { record, deadline: performance.now() + this.#timeout, resolve, reject, isSent: false }
      this.#pending.set(record.number, append)
      this.#timer ??= setTimeout(() => { this.#expire() }, this.#timeout)
      if (this.#state.kind === 'sending') this.#post(this.#state.session, append)
    })
  }

  /** Sends all pending records, and those that follow, over this session. */
  connect (session: BrokerSession): void {
    if (this.#state.kind !== 'closing') this.#state = { kind: 'sending', session }
    for (const append of this.#pending.values()) this.#post(session, append)
  }

  /** Holds the records for another session. `reason`: why there is none. */
  disconnect (reason: unknown): void {
    if (this.#state.kind !== 'closing') this.#state = { kind: 'holding', reason }
  }

  /**
   * Waits at most `ms` milliseconds for answers, if there is a session to give them, and rejects the remaining records.
   */
  async close (ms: number): Promise<void> {
    const isAnswered = this.#state.kind !== 'holding'
    this.#state = { kind: 'closing' }
    if (this.size > 0 && isAnswered) await withTimeout(this.#emptied.wait(), ms)
    for (const append of this.#pending.values()) this.#reject(append, new COMET_ERR_CLOSED())
    clearTimeout(this.#timer)
  }

  #refusal (): Error | undefined {
    switch (this.#state.kind) {
      case 'closing': return new COMET_ERR_CLOSED()
      case 'sending': return undefined
      case 'holding': return this.size < MAX_HELD ? undefined : new COMET_ERR_LOG_UNAVAILABLE(show(this.#state.reason))
    }
  }

  #post (session: BrokerSession, append: PendingAppend): void {
    append.isSent = true
    session.append(append.record).then((appended) => {
      this.#remove(append)
      append.resolve(appended)
    }, (error: unknown) => {
      if (error instanceof COMET_ERR_LOG_REFUSED) this.#reject(append, error)
      else this.#onFailure(session, error)
    })
  }

  // All records have the same timeout, so the first deadline is always the next.
  #expire (): void {
    this.#timer = undefined
    const now = performance.now()
    for (const append of this.#pending.values()) {
      if (append.deadline > now) {
        this.#timer = setTimeout(() => { this.#expire() }, append.deadline - now)
        return
      }
      this.#reject(append, this.#expiry(append))
    }
  }

  #expiry ({ isSent }: PendingAppend): Error {
    if (isSent || this.#state.kind !== 'holding') return new COMET_ERR_LOG_TIMEOUT(this.#timeout)
    return new COMET_ERR_LOG_UNAVAILABLE(show(this.#state.reason))
  }

  #reject (append: PendingAppend, error: Error): void {
    this.#remove(append)
    append.reject(error)
  }

  #remove ({ record }: PendingAppend): void {
    this.#pending.delete(record.number)
    if (this.size === 0) this.#emptied.notifyAll()
  }
}
