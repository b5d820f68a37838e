import { randomUUID } from 'node:crypto'
import type { PublishRequest } from './messages.ts'
import type { NodeProcess } from './node-process.ts'

interface Pending {
  request: PublishRequest
  resolve: () => void
  reject: (error: Error) => void
}

/**
 * Publishes messages through one of the nodes, in order. When that node dies, another one receives every request that
 * has not been answered yet: the log recognizes by their keys those that it already has.
 */
export class OrderedPublisher {
  readonly #run = randomUUID()
  readonly #pending = new Map<number, Pending>()
  #number = 0
  #node: NodeProcess | undefined

  /** Resolves when the message is in the log. */
  publish (channel: string, data: unknown): Promise<void> {
    const number = ++this.#number
    const request = { number, channel, data, key: `${this.#run}-${number}` }
    return new Promise((resolve, reject) => {
      this.#pending.set(number, { request, resolve, reject })
      this.#node?.publish(request)
    })
  }

  /** Publishes through this node from now on; `undefined`: holds requests until there is a node. */
  use (node: NodeProcess | undefined): void {
    if (node === this.#node) return
    this.#node = node
    for (const { request } of this.#pending.values()) node?.publish(request)
  }

  /** The node that publishes now. */
  get node (): NodeProcess | undefined {
    return this.#node
  }

  /** Settles a request. @param reason why it failed; `undefined`: it succeeded */
  settle (number: number, reason?: string): void {
    const pending = this.#pending.get(number)
    this.#pending.delete(number)
    if (reason === undefined) pending?.resolve()
    else pending?.reject(new Error(reason))
  }

  close (): void {
    this.#node = undefined
    for (const { resolve } of this.#pending.values()) resolve()
    this.#pending.clear()
  }
}
