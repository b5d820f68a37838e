import type { Identity } from '../presence/presence.ts'

/** Whether a disconnect concerns a connection. */
export type Matches = (identity: Identity, channels: readonly string[]) => boolean

// The most disconnects that are kept while questions are open. A question that is older counts as revoked.
const MAX_KEPT = 1000

/**
 * The disconnects that happen while `authorize` is pending, or while its answer waits for the log: there is no
 * connection to end yet, and the answer may be older than the disconnect.
 */
export class Revocations {
  /** the number of the oldest disconnect that is kept */
  #first = 0
  #kept: Matches[] = []
  #open = 0

  /** The number of the next disconnect. */
  get next (): number {
    return this.#first + this.#kept.length
  }

  /** Connections that match have been disconnected. */
  add (matches: Matches): void {
    this.#kept.push(matches)
    this.#drop(this.#open === 0 ? this.#kept.length : this.#kept.length - MAX_KEPT)
  }

  /** Begins a question to `authorize`. It must be closed. */
  inquire (): Inquiry {
    this.#open++
    return new Inquiry(this)
  }

  /** Ends a question. Called by `Inquiry`. */
  /** Ends the question, once. */
  close (): void {
    if (--this.#open === 0) this.#drop(this.#kept.length)
  }

  /** The disconnects from number `from` on; `undefined` if some of them are no longer known. */
  since (from: number): Matches[] | undefined {
    return from < this.#first ? undefined : this.#kept.slice(from - this.#first)
  }

  #drop (count: number): void {
    if (count <= 0) return
    this.#kept.splice(0, count)
    this.#first += count
  }
}

/** A question to `authorize`, and the disconnects since it was asked. */
export class Inquiry {
  readonly #revocations: Revocations
  #from: number
  #isClosed = false

  constructor (revocations: Revocations) {
    this.#revocations = revocations
    this.#from = revocations.next
  }

  /** Asks. The disconnects of an `authorize` that answers synchronously are its own and revoke nothing. */
  ask<T> (ask: () => T | Promise<T>): T | Promise<T> {
    const answer = ask()
    if (!(answer instanceof Promise)) this.#from = this.#revocations.next
    return answer
  }

  /** Whether a client that is about to connect was disconnected since the question. */
  isRevoked (identity: Identity, channels: readonly string[]): boolean {
    const since = this.#revocations.since(this.#from)
    return since === undefined || since.some((matches) => matches(identity, channels))
  }

  /** Ends the question, once. */
  close (): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#revocations.close()
  }
}
