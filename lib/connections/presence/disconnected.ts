// A client that was disconnected between two polls receives that at its next request, if it comes within this time, ms.
const MEMORY = 60_000
const MAX_CLIENTS = 100_000

/**
 * The digests of clients that were disconnected between two polls, for a minute; of more than 100,000 the oldest are
 * forgotten first.
 */
export class Disconnected {
  readonly #digestOf: (client: string) => string
  readonly #until = new Map<string, number>()

  constructor (digestOf: (client: string) => string) {
    this.#digestOf = digestOf
  }

  /** Remembers clients that have been disconnected, on any node. */
  remember (digests: Iterable<string>): void {
    const until = performance.now() + MEMORY
    for (const digest of digests) {
      this.#until.delete(digest)
      this.#until.set(digest, until)
    }
    this.#expire(performance.now())
  }

  /** Whether the client with this secret was disconnected. Forgets it: the next call returns false. */
  take (client: string): boolean {
    // A digest is a tenth of the cost of a poll, and nearly always there is nobody to find.
    return this.#until.size > 0 && this.#until.delete(this.#digestOf(client))
  }

  /** Forgets the clients whose time is over at `now`. */
  tick (now: number): void {
    this.#expire(now)
  }

  // A Map keeps its insertion order, so the oldest is always the first.
  #expire (now: number): void {
    for (const [digest, until] of this.#until) {
      if (until > now && this.#until.size <= MAX_CLIENTS) return
      this.#until.delete(digest)
    }
  }
}
