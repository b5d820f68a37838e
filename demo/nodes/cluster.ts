import { EventEmitter, once } from 'node:events'
import type { CometStats } from 'fastify-comet'
import { Gate } from '../fault-proxy.ts'
import type { NodeNews } from '../lanes.ts'
import type { Backstage } from '../backend.ts'
import { Courier } from './ordered-publisher.ts'
import type { Engine } from './broker.ts'
import { NodeProcess } from './node-process.ts'

const NAMES = 'ABCDEFGHI'
// Nobody listens there, so that a request is answered at once, with 502.
const NOWHERE = 9

export interface ClusterOptions {
  /** How many nodes. */
  count: number
  /** What their log is in. It is closed with the nodes. */
  engine: Engine
  /** The script that a node's process runs. */
  program: string
}

/** Several nodes on one log, and a balancer in front of them that sends each request to any. */
export class Cluster implements Backstage {
  readonly #engine: Engine
  readonly #balancer: Gate
  readonly #nodes: NodeProcess[]
  readonly #courier = new Courier()
  // `change`: a node came or went; `error`: one does not start.
  readonly #changes = new EventEmitter().on('error', () => undefined)
  #port = 0

  private constructor ({ count, engine, program }: ClusterOptions, origins: readonly string[]) {
    this.#engine = engine
    this.#balancer = new Gate(() => this.#pick())
    this.#nodes = [...NAMES.slice(0, count)].map((name) => new NodeProcess(program, { name, engine: engine.name, url: engine.url, origins }, {
      changed: () => { this.#changed() },
      failed: (error) => { this.#changes.emit('error', error) },
      answered: (number, reason) => { this.#courier.answered(number, reason) }
    }))
  }

  /** Resolves when all nodes listen, rejects when one does not start. @param origins of the pages that may listen */
  static async start (options: ClusterOptions, origins: readonly string[]): Promise<Cluster> {
    const cluster = new Cluster(options, origins)
    try {
      await cluster.#allUp()
      cluster.#port = await cluster.#balancer.listen('127.0.0.1', 0)
      return cluster
    } catch (error) {
      await cluster.close()
      throw error
    }
  }

  /** Where the balancer listens. */
  get port (): number {
    return this.#port
  }

  /** Of all nodes together; undefined before the first has told. */
  get stats (): CometStats | undefined {
    return sum(this.#nodes.flatMap(({ stats }) => stats ?? []))
  }

  get nodes (): NodeNews[] {
    const { carrier } = this.#courier
    return this.#nodes.map((node) => ({ name: node.name, isUp: node.port !== undefined, publishes: node === carrier, connections: connectionsOf(node) }))
  }

  async publish (channel: string, data: unknown): Promise<void> {
    await this.#courier.publish(channel, data)
  }

  /** Ends all nodes at once. They come back to the same log. */
  async restart (): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()))
    await this.#allUp()
  }

  /** Ends the node with the most connections, unless it is the last one. */
  kill (): boolean {
    const [victim, ...others] = this.#up().sort((a, b) => connectionsOf(b) - connectionsOf(a))
    if (victim === undefined || others.length === 0) return false
    victim.kill().catch(() => undefined)
    return true
  }

  async close (): Promise<void> {
    this.#courier.close()
    await this.#balancer.close()
    await Promise.all(this.#nodes.map((node) => node.close()))
    await this.#engine.close()
  }

  #up (): NodeProcess[] {
    return this.#nodes.filter(({ port }) => port !== undefined)
  }

  async #allUp (): Promise<void> {
    while (this.#up().length < this.#nodes.length) await once(this.#changes, 'change')
  }

  // At random, and each request anew: no client is tied to a node.
  #pick (): number {
    const up = this.#up()
    return up[Math.floor(Math.random() * up.length)]?.port ?? NOWHERE
  }

  #changed (): void {
    const { carrier } = this.#courier
    if (carrier?.port === undefined) this.#courier.employ(this.#up()[0])
    this.#changes.emit('change')
  }
}

function connectionsOf ({ stats }: NodeProcess): number {
  return stats === undefined ? 0 : Object.values(stats.connections).reduce((sum, count) => sum + count, 0)
}

/** Of all nodes together, but for the history: each holds the same. */
function sum (stats: readonly CometStats[]): CometStats | undefined {
  const [first, ...others] = stats
  return first && others.reduce((sum, next) => {
    const add = (key: 'published' | 'delivered' | 'bytesSent'): number => sum[key] + next[key]
    const connections = {
      eventsource: sum.connections.eventsource + next.connections.eventsource,
      iframe: sum.connections.iframe + next.connections.iframe,
      'long-poll': sum.connections['long-poll'] + next.connections['long-poll']
    }
    return { ...sum, connections, published: add('published'), delivered: add('delivered'), bytesSent: add('bytesSent') }
  }, first)
}
