import type { Connection } from './connection.ts'
import type { ConnectionSettings } from './settings.ts'

// A client waits at least this long for a stream to deliver anything, ms; where two heartbeats take longer, that long.
const MIN_SILENCE = 30_000

interface OpenStream {
  readonly connection: Connection
  readonly openedAt: number
  /** When its client last polled although the stream should have reached it; 0: it has not. */
  polledAt: number
}

/** The open connections of each client that names itself: one poll, and streams. */
export class Clients {
  readonly #polls = new Map<string, Connection>()
  readonly #streams = new Map<string, OpenStream[]>()
  readonly #silence: number
  readonly #window: number

  /** The intervals, in ms, say how soon a stream must have reached its client. */
  constructor ({ heartbeatInterval, pollTimeout }: Pick<ConnectionSettings, 'heartbeatInterval' | 'pollTimeout'>) {
    this.#silence = Math.max(MIN_SILENCE, 2 * heartbeatInterval)
    this.#window = pollTimeout + this.#silence
  }

  /** Adds a connection of this client. Returns those that the client has given up, as the new one shows. */
  add (client: string, connection: Connection): Connection[] {
    if (connection.transport.policy.supersedes) return this.#addPoll(client, connection)
    const stream = { connection, openedAt: performance.now(), polledAt: 0 }
    const streams = this.#streams.get(client)
    if (streams === undefined) this.#streams.set(client, [stream])
    else streams.push(stream)
    return []
  }

  /** Removes a connection of this client, whose response is gone. */
  remove (client: string, connection: Connection): void {
    if (this.#polls.get(client) === connection) this.#polls.delete(client)
    const streams = this.#streams.get(client)
    if (streams === undefined) return
    const left = streams.filter((stream) => stream.connection !== connection)
    if (left.length === 0) this.#streams.delete(client)
    else this.#streams.set(client, left)
  }

  #addPoll (client: string, poll: Connection): Connection[] {
    const older = this.#polls.get(client)
    this.#polls.set(client, poll)
    const abandoned = this.#abandonedStreams(client)
    return older === undefined ? abandoned : [older, ...abandoned]
  }

  // A client that polls now, and polled a short time ago, would listen to its stream if anything of it had arrived:
  // behind a proxy that holds responses back there is no other sign of it. A single poll proves nothing, because a
  // client also polls to find out whether the server can be reached while a stream is silent.
  #abandonedStreams (client: string): Connection[] {
    const streams = this.#streams.get(client)
    if (streams === undefined) return []
    const now = performance.now()
    const late = streams.filter(({ openedAt }) => now - openedAt >= this.#silence)
    const abandoned = late.filter(({ polledAt }) => polledAt > 0 && now - polledAt <= this.#window)
    for (const stream of late) stream.polledAt = now
    return abandoned.map(({ connection }) => connection)
  }
}
