import type { Socket } from 'node:net'
import type { Traffic } from './lanes.ts'

const FORGET_AFTER = 120_000

interface PageTraffic extends Traffic {
  /** when it last changed, ms of the monotonic clock */
  updatedAt: number
}

interface SocketCount {
  traffic: PageTraffic
  /** the bytes of the socket that have been counted */
  bytes: number
}

/** Counts the traffic of each page through a proxy: its requests, and the bytes written to its sockets. */
export class TrafficMeter {
  readonly #pages = new Map<string, PageTraffic>()
  readonly #sockets = new Map<Socket, SocketCount>()

  /** Counts a request of the page, received on the socket. */
  countRequest (page: string, socket: Socket): void {
    const traffic = this.#trafficOf(page)
    traffic.requests++
    const count = this.#sockets.get(socket)
    if (count === undefined) this.#watch(socket, traffic)
    else count.traffic = traffic
    this.#countBytes(socket)
  }

  /** Counts a response of one of several nodes to the page. */
  countResponse (page: string, node: string): void {
    const traffic = this.#trafficOf(page)
    const nodes = traffic.nodes ??= {}
    nodes[node] = (nodes[node] ?? 0) + 1
    traffic.node = node
  }

  /** The traffic of each page so far. Pages without traffic for two minutes are forgotten. */
  read (): Map<string, Traffic> {
    for (const socket of this.#sockets.keys()) this.#countBytes(socket)
    const now = performance.now()
    for (const [page, { updatedAt }] of this.#pages) {
      if (updatedAt < now - FORGET_AFTER) this.#pages.delete(page)
    }
    return new Map([...this.#pages].map(([page, { updatedAt, ...traffic }]) => [page, traffic]))
  }

  #trafficOf (page: string): PageTraffic {
    const traffic = this.#pages.get(page) ?? { requests: 0, bytes: 0, updatedAt: 0 }
    traffic.updatedAt = performance.now()
    this.#pages.set(page, traffic)
    return traffic
  }

  #watch (socket: Socket, traffic: PageTraffic): void {
    this.#sockets.set(socket, { traffic, bytes: 0 })
    socket.once('close', () => {
      this.#countBytes(socket)
      this.#sockets.delete(socket)
    })
  }

  #countBytes (socket: Socket): void {
    const count = this.#sockets.get(socket)
    const written = socket.bytesWritten
    if (count === undefined || written === count.bytes) return
    count.traffic.bytes += written - count.bytes
    count.traffic.updatedAt = performance.now()
    count.bytes = written
  }
}
