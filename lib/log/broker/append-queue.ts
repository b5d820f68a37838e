import { COMET_ERR_CLOSED, COMET_ERR_LOG_REFUSED, COMET_ERR_LOG_TIMEOUT, COMET_ERR_LOG_UNAVAILABLE, show } from '../../errors.ts'
import { withTimeout } from '../../util/promises.ts'
import type { BrokerSession, LogRecord } from './broker.ts'
import type { Appended } from '../message-log.ts'

// More than this are not held for an engine that is away.
const MAX_HELD = 10_000

interface Parcel {
  readonly record: LogRecord
  /** ms of the monotonic clock */
  readonly deadline: number
  readonly resolve: (appended: Appended) => void
  readonly reject: (error: Error) => void
  isSent: boolean
}

/** Records on their way into the log, in order: sent, sent again over the next session where no answer came, and given up after a while. */
export class Outbox {
  readonly #timeout: number
  readonly #parcels = new Map<number, Parcel>()
  #session: BrokerSession | undefined
  readonly #onFailure: (session: BrokerSession, error: unknown) => void
  #reason: unknown = 'not connected yet'
  #count = 0
  #timer: NodeJS.Timeout | undefined
  #onEmpty: (() => void) | undefined
  #isClosed = false

  /** `onFailure` is called when a session has proved to be at its end. */
  constructor (timeout: number, onFailure: (session: BrokerSession, error: unknown) => void) {
    this.#timeout = timeout
    this.#onFailure = onFailure
  }

  get size (): number {
    return this.#parcels.size
  }

  /** Sends a record, now or as soon as there is a session. */
  send (channel: string, data: string, key: string | undefined): Promise<Appended> {
    const refusal = this.#refusal()
    if (refusal !== undefined) return Promise.reject(refusal)
    return new Promise((resolve, reject) => {
      const record = { number: ++this.#count, channel, data, key }
      const parcel = { record, deadline: performance.now() + this.#timeout, resolve, reject, isSent: false }
      this.#parcels.set(record.number, parcel)
      this.#timer ??= setTimeout(() => { this.#expire() }, this.#timeout)
      if (this.#session !== undefined) this.#post(this.#session, parcel)
    })
  }

  /** Sends what has no answer yet, and all that follows, over this session. */
  connect (session: BrokerSession): void {
    this.#session = session
    for (const parcel of this.#parcels.values()) this.#post(session, parcel)
  }

  /** Holds what has no answer, for another session. */
  disconnect (reason: unknown): void {
    this.#session = undefined
    this.#reason = reason
  }

  /** Waits a little for the answers that are due, and gives the rest up. */
  async close (ms: number): Promise<void> {
    this.#isClosed = true
    if (this.size > 0 && this.#session !== undefined) {
      await withTimeout(new Promise<void>((resolve) => { this.#onEmpty = resolve }), ms)
    }
    for (const parcel of this.#parcels.values()) this.#giveUp(parcel, new COMET_ERR_CLOSED())
    clearTimeout(this.#timer)
  }

  #refusal (): Error | undefined {
    if (this.#isClosed) return new COMET_ERR_CLOSED()
    if (this.#session !== undefined || this.size < MAX_HELD) return undefined
    return new COMET_ERR_LOG_UNAVAILABLE(show(this.#reason))
  }

  #post (session: BrokerSession, parcel: Parcel): void {
    parcel.isSent = true
    session.append(parcel.record).then((appended) => {
      this.#drop(parcel)
      parcel.resolve(appended)
    }, (error: unknown) => {
      if (error instanceof COMET_ERR_LOG_REFUSED) this.#giveUp(parcel, error)
      else this.#onFailure(session, error)
    })
  }

  // All wait equally long, so the first is always the next.
  #expire (): void {
    this.#timer = undefined
    const now = performance.now()
    for (const parcel of this.#parcels.values()) {
      if (parcel.deadline > now) {
        this.#timer = setTimeout(() => { this.#expire() }, parcel.deadline - now)
        return
      }
      this.#giveUp(parcel, parcel.isSent ? new COMET_ERR_LOG_TIMEOUT(this.#timeout) : new COMET_ERR_LOG_UNAVAILABLE(show(this.#reason)))
    }
  }

  #giveUp (parcel: Parcel, error: Error): void {
    this.#drop(parcel)
    parcel.reject(error)
  }

  #drop ({ record }: Parcel): void {
    this.#parcels.delete(record.number)
    if (this.size === 0) this.#onEmpty?.()
  }
}
