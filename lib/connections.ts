import type { Connection, Counters } from './connection.ts'
import type { Options } from './options.ts'
import { Poll } from './poll.ts'
import { type Identity, isNamed } from './presence.ts'
import type { CloseReason, TransportName } from './protocol.ts'
import { Sessions } from './sessions.ts'

// What app.close() grants the sockets to take their last bytes, ms.
const CLOSE_GRACE = 200
const DRAIN_TICK = 10

/** All connections: how many are let in, what falls due, and how they end. */
export class Connections {
  readonly counters: Counters = { delivered: 0, bytesSent: 0, gaps: 0 }
  readonly sessions = new Sessions()
  readonly #options: Options
  readonly #all = new Map<Connection, Identity>()
  readonly #polls = new Map<string, Poll>()
  readonly #addresses = new Map<string, number>()
  readonly #timer: NodeJS.Timeout
  #admitted = 0
  #leaving = false
  #onEmpty: (() => void) | undefined
  #draining: { timer: NodeJS.Timeout, done: () => void } | undefined
  rejected = 0

  /** `onTick` is called with the time, and how many there are, whenever the connections look for what is due. */
  constructor (options: Options, onTick: (now: number, count: number) => void) {
    this.#options = options
    this.#timer = setInterval(() => {
      const now = performance.now()
      for (const connection of this.#all.keys()) connection.tick(now)
      onTick(now, this.#all.size)
    }, options.tick).unref()
  }

  /** Whether it sends everybody away. */
  get leaving (): boolean {
    return this.#leaving
  }

  /** Why a further connection would be sent away now; `undefined` when it is let in. */
  refusal (address: string): Extract<CloseReason, 'busy' | 'shutdown'> | undefined {
    if (this.#leaving) return 'shutdown'
    const { maxConnections, maxConnectionsPerAddress } = this.#options
    if (maxConnections > 0 && this.#admitted >= maxConnections) return 'busy'
    return maxConnectionsPerAddress > 0 && (this.#addresses.get(address) ?? 0) >= maxConnectionsPerAddress ? 'busy' : undefined
  }

  /** Takes a place; the function returned gives it back, and is called once. */
  admit (address: string): () => void {
    this.#admitted++
    this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1)
    return () => {
      this.#admitted--
      const left = (this.#addresses.get(address) as number) - 1
      if (left === 0) this.#addresses.delete(address)
      else this.#addresses.set(address, left)
    }
  }

  /** Counted among the connections until `remove`. */
  add (connection: Connection, identity: Identity): void {
    this.#all.set(connection, identity)
    if (connection instanceof Poll && isNamed(identity)) this.#supersede(identity.client, connection)
  }

  /** Its response is gone. */
  remove (connection: Connection): void {
    const client = this.#all.get(connection)?.client ?? ''
    if (this.#polls.get(client) === connection) this.#polls.delete(client)
    this.#all.delete(connection)
    if (this.#all.size === 0) this.#onEmpty?.()
  }

  /** Ends those that match, for good. Returns how many. */
  disconnect (matches: (identity: Identity, channels: readonly string[]) => boolean): number {
    const matching = this.#open.filter((connection) => matches(this.#all.get(connection) as Identity, connection.channels))
    for (const connection of matching) connection.close('disconnected')
    return matching.length
  }

  /** Destroys those whose other side is one of these. */
  reap (peers: ReadonlySet<string>): void {
    for (const connection of this.#all.keys()) if (peers.has(connection.peer())) connection.destroy()
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
    this.#leaving = true
    this.#endDrain()
    const connections = shuffle(this.#open)
    const total = connections.length
    const start = performance.now()
    await new Promise<void>((resolve) => {
      const timer = setInterval(() => {
        const elapsed = performance.now() - start
        const left = Math.floor(total * (1 - elapsed / ms))
        for (const connection of connections.splice(Math.max(0, left))) connection.close('shutdown')
        if (connections.length === 0) this.#endDrain()
      }, Math.min(DRAIN_TICK, ms))
      this.#draining = { timer, done: resolve }
    })
  }

  /** Ends everything: each connection is told, and what does not take its last bytes in time is destroyed. */
  async close (): Promise<void> {
    this.#leaving = true
    this.#endDrain()
    clearInterval(this.#timer)
    for (const connection of this.#all.keys()) connection.close('shutdown')
    await this.#emptied(CLOSE_GRACE)
    for (const connection of this.#all.keys()) connection.destroy()
    await this.sessions.close(CLOSE_GRACE)
  }

  get #open (): Connection[] {
    return [...this.#all.keys()].filter((connection) => connection.ended === undefined)
  }

  // The client of a newer poll has given up the older one.
  #supersede (client: string, poll: Poll): void {
    this.#polls.get(client)?.yield()
    this.#polls.set(client, poll)
  }

  #endDrain (): void {
    clearInterval(this.#draining?.timer)
    this.#draining?.done()
    this.#draining = undefined
  }

  async #emptied (ms: number): Promise<void> {
    if (this.#all.size === 0) return
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      this.#onEmpty = () => {
        clearTimeout(timer)
        resolve()
      }
    })
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
