import { randomUUID } from 'node:crypto'
import type { NodeProcess } from './node-process.ts'
import type { Order } from './messages.ts'

interface Waiting {
  order: Order
  resolve: () => void
  reject: (error: Error) => void
}

/**
 * Has messages published by one of the nodes, in order. When that one dies, another one is given all that has no answer
 * yet: by their keys the log knows those that it has.
 */
export class Courier {
  readonly #run = randomUUID()
  readonly #waiting = new Map<number, Waiting>()
  #number = 0
  #carrier: NodeProcess | undefined

  /** Resolves when it is in the log. */
  publish (channel: string, data: unknown): Promise<void> {
    const number = ++this.#number
    const order = { number, channel, data, key: `${this.#run}-${number}` }
    return new Promise((resolve, reject) => {
      this.#waiting.set(number, { order, resolve, reject })
      this.#carrier?.publish(order)
    })
  }

  /** From now on this node publishes; undefined: nobody does. */
  employ (node: NodeProcess | undefined): void {
    if (node === this.#carrier) return
    this.#carrier = node
    for (const { order } of this.#waiting.values()) node?.publish(order)
  }

  get carrier (): NodeProcess | undefined {
    return this.#carrier
  }

  answered (number: number, reason?: string): void {
    const waiting = this.#waiting.get(number)
    this.#waiting.delete(number)
    if (reason === undefined) waiting?.resolve()
    else waiting?.reject(new Error(reason))
  }

  close (): void {
    this.#carrier = undefined
    for (const { resolve } of this.#waiting.values()) resolve()
    this.#waiting.clear()
  }
}
