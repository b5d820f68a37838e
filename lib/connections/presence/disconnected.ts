// A client that was disconnected between two polls is answered so at its next request, if that comes within this, ms.
const MEMORY = 60_000
const MOST = 100_000

/** Clients that were disconnected between two polls, by their digests, for a minute; of more than 100,000 the oldest are forgotten first. */
export class Disconnected {
  readonly #digestOf: (client: string) => string
  readonly #until = new Map<string, number>()

  constructor (digestOf: (client: string) => string) {
    this.#digestOf = digestOf
  }

  remember (digests: Iterable<string>): void {
    const until = performance.now() + MEMORY
    for (const digest of digests) {
      this.#until.delete(digest)
      this.#until.set(digest, until)
    }
    this.#expire(performance.now())
  }

  /** Whether the client with this secret is among them; true once. */
  take (client: string): boolean {
    // A digest is a tenth of the cost of a poll, and nearly always nobody is remembered.
    return this.#until.size > 0 && this.#until.delete(this.#digestOf(client))
  }

  tick (now: number): void {
    this.#expire(now)
  }

  // A Map keeps its insertion order, so the oldest is always the first.
  #expire (now: number): void {
    for (const [digest, until] of this.#until) {
      if (until > now && this.#until.size <= MOST) return
      this.#until.delete(digest)
    }
  }
}
