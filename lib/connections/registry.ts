import { Clients } from './clients.ts'
import type { Connection, Counters } from './connection.ts'
import { callGuarded } from '../util/callbacks.ts'
import { withTimeout } from '../util/promises.ts'
import type { ConnectionSettings } from './settings.ts'
import { Places } from './places.ts'
import { type Identity, isNamed } from './presence/presence.ts'
import type { CloseReason, TransportName } from '../protocol/wire.ts'
import { Http2Sessions } from './sockets/http2-sessions.ts'

// What app.close() grants the sockets to take their last bytes, ms.
const CLOSE_GRACE = 200
const DRAIN_TICK = 10

/** All connections: how many are let in, what falls due, and how they end. */
export class ConnectionRegistry {
  readonly counters: Counters = { delivered: 0, bytesSent: 0, gaps: 0 }
  readonly sessions = new Http2Sessions()
  readonly places: Places
  /** requests that wait for `authorize` or the log */
  readonly waiting = new Set<{ reject (reason: 'shutdown'): void }>()
  readonly #all = new Map<Connection, Identity>()
  readonly #clients: Clients
  readonly #onError: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #leaving = false
  #onEmpty: (() => void) | undefined
  #draining: { timer: NodeJS.Timeout, done: () => void } | undefined
  rejected = 0

  /**
   * `onTick` is called with the time, and how many there are, whenever the connections look for what is due; `onError` with
   * what one of them throws, so that the others do not pay for it.
   */
  constructor (settings: ConnectionSettings, onTick: (now: number, count: number) => void, onError: (error: unknown) => void) {
    this.#onError = onError
    this.places = new Places(settings)
    this.#clients = new Clients(settings)
    this.#timer = setInterval(() => {
      const now = performance.now()
      this.#each(this.#all.keys(), (connection) => { this.#tick(connection, now) })
      this.places.tick()
      onTick(now, this.#all.size)
    }, settings.tick).unref()
  }

  /** Whether it sends everybody away. */
  get leaving (): boolean {
    return this.#leaving
  }

  /** Why a further connection would be sent away now; `undefined` when it is let in. */
  refusal (address: string): Extract<CloseReason, 'busy' | 'shutdown'> | undefined {
    if (this.#leaving) return 'shutdown'
    return this.places.isFull(address) ? 'busy' : undefined
  }

  /** Counted among the connections until `remove`. */
  add (connection: Connection, identity: Identity): void {
    this.#all.set(connection, identity)
    if (!isNamed(identity)) return
    this.#each(this.#clients.add(identity.client, connection), (other) => { other.supersede() })
  }

  /** Its response is gone. */
  remove (connection: Connection): void {
    const client = this.#all.get(connection)?.client
    if (client !== undefined) this.#clients.remove(client, connection)
    this.#all.delete(connection)
    if (this.#all.size === 0) this.#onEmpty?.()
  }

  /** Ends those that match, for good. Returns how many. */
  disconnect (matches: (identity: Identity, channels: readonly string[]) => boolean): number {
    const matching = this.#open.filter((connection) => matches(this.#all.get(connection) as Identity, connection.channels))
    this.#each(matching, (connection) => { connection.close('disconnected') })
    return matching.length
  }

  /** Destroys those whose other side is one of these. */
  destroyPeers (peers: ReadonlySet<string>): void {
    this.#each(this.#all.keys(), (connection) => { if (peers.has(connection.peer())) connection.destroy() })
  }

  get lagging (): number {
    return this.#open.filter((connection) => connection.lagging).length
  }

  get subscriptions (): number {
    return this.#open.reduce((sum, connection) => sum + connection.channels.length, 0)
  }

  count (): Record<TransportName, number> {
    const counts: Record<TransportName, number> = { eventsource: 0, iframe: 0, 'long-poll': 0 }
    for (const connection of this.#open) counts[connection.transport.name]++
    return counts
  }

  /** Ends all streams and polls, spread over `ms`, and sends new ones away from now on. */
  async drain (ms: number): Promise<void> {
    this.#leave()
    const connections = shuffle(this.#open)
    const total = connections.length
    const start = performance.now()
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const elapsed = performance.now() - start
        const left = Math.floor(total * (1 - elapsed / ms))
        this.#each(connections.splice(Math.max(0, left)), (connection) => { connection.close('shutdown') })
        if (connections.length === 0) this.#endDrain()
      }, Math.min(DRAIN_TICK, ms))
      this.#draining = { timer, done: resolve }
    })
  }

  /** Ends everything: each connection is told, and what does not take its last bytes in time is destroyed. */
  async close (): Promise<void> {
    this.#leave()
    clearInterval(this.#timer)
    this.#each(this.#all.keys(), (connection) => { connection.close('shutdown') })
    await this.#emptied(CLOSE_GRACE)
    this.#each(this.#all.keys(), (connection) => { connection.destroy() })
    await this.sessions.close(CLOSE_GRACE)
  }

  // `authorize` may take long, or never answer: a server that closes does not wait for it.
  #leave (): void {
    this.#leaving = true
    this.#endDrain()
    this.#each(this.waiting, (request) => { request.reject('shutdown') })
  }

  get #open (): Connection[] {
    return [...this.#all.keys()].filter((connection) => connection.ended === undefined)
  }

  // Hooks, loggers and diagnostics listeners of the application run in these, and may throw.
  #each<T> (all: Iterable<T>, act: (one: T) => void): void {
    for (const one of all) callGuarded(this.#onError, () => { act(one) })
  }

  // What is gone has told so as a rule, and is not here any more.
  #tick (connection: Connection, now: number): void {
    if (!connection.isGone()) return connection.tick(now)
    connection.closed()
    this.remove(connection)
  }

  #endDrain (): void {
    clearInterval(this.#draining?.timer)
    this.#draining?.done()
    this.#draining = undefined
  }

  async #emptied (ms: number): Promise<void> {
    if (this.#all.size === 0) return
    await withTimeout(new Promise<void>((resolve) => { this.#onEmpty = resolve }), ms)
  }
}

function shuffle<T> (items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    const item = items[i] as T
    items[i] = items[j] as T
    items[j] = item
  }
  return items
}
