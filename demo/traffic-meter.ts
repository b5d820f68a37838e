import type { Socket } from 'node:net'
import type { Wire } from './lanes.ts'

const FORGET_AFTER = 120_000

interface Account extends Wire {
  /** ms of the monotonic clock */
  touched: number
}

interface Reading {
  account: Account
  counted: number
}

/** Counts what each page costs on a gate: its requests, and the bytes that go down its sockets. */
export class Meter {
  readonly #accounts = new Map<string, Account>()
  readonly #sockets = new Map<Socket, Reading>()

  /** A request of that page came in on that socket. */
  request (page: string, socket: Socket): void {
    const account = this.#account(page)
    account.requests++
    const reading = this.#sockets.get(socket)
    if (reading === undefined) this.#watch(socket, account)
    else reading.account = account
    this.#count(socket)
  }

  /** One of several nodes has answered a request of that page. */
  answered (page: string, node: string): void {
    const account = this.#account(page)
    const nodes = account.nodes ??= {}
    nodes[node] = (nodes[node] ?? 0) + 1
    account.node = node
  }

  /** What each page has cost so far. Pages that were not heard of for two minutes are forgotten. */
  read (): Map<string, Wire> {
    for (const socket of this.#sockets.keys()) this.#count(socket)
    const now = performance.now()
    for (const [page, { touched }] of this.#accounts) {
      if (touched < now - FORGET_AFTER) this.#accounts.delete(page)
    }
    return new Map([...this.#accounts].map(([page, { touched, ...wire }]) => [page, wire]))
  }

  #account (page: string): Account {
    const account = this.#accounts.get(page) ?? { requests: 0, bytes: 0, touched: 0 }
    account.touched = performance.now()
    this.#accounts.set(page, account)
    return account
  }

  #watch (socket: Socket, account: Account): void {
    this.#sockets.set(socket, { account, counted: 0 })
    socket.once('close', () => {
      this.#count(socket)
      this.#sockets.delete(socket)
    })
  }

  #count (socket: Socket): void {
    const reading = this.#sockets.get(socket)
    if (reading === undefined) return
    const carried = socket.bytesWritten
    if (carried === reading.counted) return
    reading.account.bytes += carried - reading.counted
    reading.account.touched = performance.now()
    reading.counted = carried
  }
}
