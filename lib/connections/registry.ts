import { Clients } from './clients.ts'
import type { Connection, Counters } from './connection.ts'
import { callGuarded } from '../util/callbacks.ts'
import { withTimeout } from '../util/promises.ts'
import type { ConnectionSettings } from './settings.ts'
import { Places } from './places.ts'
import { type Identity, isNamed } from './presence/presence.ts'
import type { CloseReason, TransportName } from '../protocol/wire.ts'
import { Http2Sessions } from './sockets/http2-sessions.ts'

// The time that `close` grants sockets for their last bytes, ms.
const CLOSE_GRACE = 200
const DRAIN_TICK = 10

/** A request that waits for `authorize` or for the log. */
export interface WaitingRequest {
  /** Sends its client away. */
  reject (reason: 'shutdown'): void
}

/** All connections: how many are admitted, when they do what is due, and how they end. */
export class ConnectionRegistry {
  readonly counters: Counters = { delivered: 0, bytesSent: 0, gaps: 0 }
  readonly sessions = new Http2Sessions()
  readonly places: Places
  readonly waiting = new Set<WaitingRequest>()
  readonly #all = new Map<Connection, Identity>()
  readonly #clients: Clients
  readonly #onError: (error: unknown) => void
  readonly #timer: NodeJS.Timeout
  #leaving = false
  #onEmpty: (() => void) | undefined
  #draining: { timer: NodeJS.Timeout, done: () => void } | undefined
  /** requests that were sent away or refused */
  rejected = 0

  /**
   * `onTick` is called every `settings.tick` ms with the time and the number of connections; `onError` with what a
   * connection throws, which costs the others nothing.
   */
  constructor (
    settings: ConnectionSettings, onTick: (now: number, count: number) => void, onError: (error: unknown) => void
  ) {
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

  /** Whether every request is sent away, because of `drain` or `close`. */
  get leaving (): boolean {
    return this.#leaving
  }

  /** Connections that wait for their socket. */
  get lagging (): number {
    return this.#open.filter((connection) => connection.lagging).length
  }

  /** Channels of all connections, added up. */
  get subscriptions (): number {
    return this.#open.reduce((sum, connection) => sum + connection.channels.length, 0)
  }

  /** Connections, by transport. */
  count (): Record<TransportName, number> {
    const counts: Record<TransportName, number> = { eventsource: 0, iframe: 0, 'long-poll': 0 }
    for (const connection of this.#open) counts[connection.transport.name]++
    return counts
  }

  /** Why a further connection of this address is sent away now; `undefined` if it is admitted. */
  refusal (address: string): Extract<CloseReason, 'busy' | 'shutdown'> | undefined {
    if (this.#leaving) return 'shutdown'
    return this.places.isFull(address) ? 'busy' : undefined
  }

  /** Adds a connection, and ends those that its client has given up for it. */
  add (connection: Connection, identity: Identity): void {
    this.#all.set(connection, identity)
    if (!isNamed(identity)) return
    this.#each(this.#clients.add(identity.client, connection), (other) => { other.supersede() })
  }

  /** Removes a connection whose response is closed. */
  remove (connection: Connection): void {
    const client = this.#all.get(connection)?.client
    if (client !== undefined) this.#clients.remove(client, connection)
    this.#all.delete(connection)
    if (this.#all.size === 0) this.#onEmpty?.()
  }

  /** Ends the connections that match, whose clients do not reconnect. Returns their number. */
  disconnect (matches: (identity: Identity, channels: readonly string[]) => boolean): number {
    const isMatch = (one: Connection): boolean => matches(this.#all.get(one) as Identity, one.channels)
    const matching = this.#open.filter(isMatch)
    this.#each(matching, (connection) => { connection.close('disconnected') })
    return matching.length
  }

  /** Destroys the connections with these peers, as `peerOf` names them. */
  destroyPeers (peers: ReadonlySet<string>): void {
    this.#each(this.#all.keys(), (connection) => { if (peers.has(connection.peer())) connection.destroy() })
  }

  /** Ends all connections, spread over `ms` milliseconds, and from now on sends new ones away. */
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

  /** Ends all connections, and destroys those whose last bytes have not left after a short while. */
  async close (): Promise<void> {
    this.#leave()
    clearInterval(this.#timer)
    this.#each(this.#all.keys(), (connection) => { connection.close('shutdown') })
    await this.#emptied(CLOSE_GRACE)
    this.#each(this.#all.keys(), (connection) => { connection.destroy() })
    await this.sessions.close(CLOSE_GRACE)
  }

  // A server that closes does not wait for an `authorize` that takes long, or never answers.
  #leave (): void {
    this.#leaving = true
    this.#endDrain()
    this.#each(this.waiting, (request) => { request.reject('shutdown') })
  }

  get #open (): Connection[] {
    return [...this.#all.keys()].filter((connection) => connection.ended === undefined)
  }

  // They call hooks, loggers and diagnostics listeners of the application, which may throw.
  #each<T> (all: Iterable<T>, act: (one: T) => void): void {
    for (const one of all) callGuarded(this.#onError, () => { act(one) })
  }

  // The `close` event of a response removes its connection. In case it is never emitted, the socket is checked.
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

/** Brings the items into a random order, in place. */
function shuffle<T> (items: T[]): T[] {
  for (let i = items.length - 1; i > 0; i--) {
    const j = Math.floor(Math.random() * (i + 1))
    const item = items[i] as T
    items[i] = items[j] as T
    items[j] = item
  }
  return items
}
