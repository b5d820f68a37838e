import type { Identity } from '../presence/presence.ts'

/** Whose connections are disconnected. */
export type Matches = (identity: Identity, channels: readonly string[]) => boolean

// Of more than this, kept while questions are open, a question takes the oldest for its own.
const MAX_KEPT = 1000

/**
 * What is disconnected while `authorize` thinks, or an answer of it waits for the log: the connection is not there yet to be
 * ended, and the answer may be older than the reason to end it.
 */
export class Revocations {
  /** the number of the oldest one kept */
  #first = 0
  #kept: Matches[] = []
  #open = 0

  /** The number of the next one. */
  get next (): number {
    return this.#first + this.#kept.length
  }

  /** These have been disconnected. */
  add (matches: Matches): void {
    this.#kept.push(matches)
    this.#drop(this.#open === 0 ? this.#kept.length : this.#kept.length - MAX_KEPT)
  }

  /** Begins a question. It must be closed. */
  inquire (): Inquiry {
    this.#open++
    return new Inquiry(this)
  }

  /** Ends a question. */
  close (): void {
    if (--this.#open === 0) this.#drop(this.#kept.length)
  }

  /** Those from number `from` on; `undefined` where some of them are not known any more. */
  since (from: number): Matches[] | undefined {
    return from < this.#first ? undefined : this.#kept.slice(from - this.#first)
  }

  #drop (count: number): void {
    if (count <= 0) return
    this.#kept.splice(0, count)
    this.#first += count
  }
}

/** A question to `authorize`, and what was disconnected since it was asked. */
export class Inquiry {
  readonly #revocations: Revocations
  #from: number
  #isClosed = false

  constructor (revocations: Revocations) {
    this.#revocations = revocations
    this.#from = revocations.next
  }

  /** Asks. What an `authorize` that answers synchronously disconnects meanwhile is its own doing and revokes nothing. */
  ask<T> (ask: () => T | Promise<T>): T | Promise<T> {
    const answer = ask()
    if (!(answer instanceof Promise)) this.#from = this.#revocations.next
    return answer
  }

  /** Whether the client that is now to connect was disconnected since the question. */
  isRevoked (identity: Identity, channels: readonly string[]): boolean {
    const since = this.#revocations.since(this.#from)
    return since === undefined || since.some((matches) => matches(identity, channels))
  }

  close (): void {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#revocations.close()
  }
}
