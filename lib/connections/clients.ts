import type { Connection } from './connection.ts'
import type { ConnectionSettings } from './settings.ts'
import { Poll } from './poll.ts'

// No client waits longer than this, ms, or than two heartbeats, for a stream to speak.
const LEAST_PATIENCE = 30_000

interface OpenStream {
  readonly connection: Connection
  readonly openedAt: number
  /** when its client last polled though it should have listened by then; 0: not yet */
  polledAt: number
}

/** What the clients that say who they are have open: a poll, and streams. */
export class Clients {
  readonly #polls = new Map<string, Poll>()
  readonly #streams = new Map<string, OpenStream[]>()
  readonly #patience: number
  readonly #window: number

  constructor ({ heartbeatInterval, pollTimeout }: Pick<ConnectionSettings, 'heartbeatInterval' | 'pollTimeout'>) {
    this.#patience = Math.max(LEAST_PATIENCE, 2 * heartbeatInterval)
    this.#window = pollTimeout + this.#patience
  }

  /** A client has opened a poll. Returns the older one, which it has given up by that. */
  poll (client: string, poll: Poll): Poll | undefined {
    const older = this.#polls.get(client)
    this.#polls.set(client, poll)
    return older
  }

  stream (client: string, connection: Connection): void {
    const stream = { connection, openedAt: performance.now(), polledAt: 0 }
    const streams = this.#streams.get(client)
    if (streams === undefined) this.#streams.set(client, [stream])
    else streams.push(stream)
  }

  /**
   * The streams that a client has given up which polls now, and did so lately: it would listen, had anything of them reached
   * it. Behind a proxy that holds responses back, nothing else tells. One poll proves nothing: it may be to see whether the
   * server is there, while a stream is silent.
   */
  abandoned (client: string): Connection[] {
    const now = performance.now()
    const late = (this.#streams.get(client) ?? []).filter(({ openedAt }) => now - openedAt >= this.#patience)
    const abandoned = late.filter(({ polledAt }) => polledAt > 0 && now - polledAt <= this.#window)
    for (const stream of late) stream.polledAt = now
    return abandoned.map(({ connection }) => connection)
  }

  remove (client: string, connection: Connection): void {
    if (connection instanceof Poll) {
      if (this.#polls.get(client) === connection) this.#polls.delete(client)
      return
    }
    const left = this.#streams.get(client)?.filter((stream) => stream.connection !== connection) ?? []
    if (left.length === 0) this.#streams.delete(client)
    else this.#streams.set(client, left)
  }
}
