import { EventEmitter, once } from 'node:events'
import type { CometStats } from 'fastify-comet'
import type { Backend } from '../backend.ts'
import { FaultProxy } from '../fault-proxy.ts'
import type { NodeStatus } from '../lanes.ts'
import type { Broker } from './broker.ts'
import { NodeProcess } from './node-process.ts'
import type { NodeEvents } from './node-process.ts'
import { OrderedPublisher } from './ordered-publisher.ts'

const NAMES = 'ABCDEFGHI'
// Nothing listens on this port, so that a request is answered 502 immediately.
const UNUSED_PORT = 9

export interface ClusterOptions {
  /** The number of nodes. */
  count: number
  /** The broker that keeps their log. It is closed with the nodes. */
  broker: Broker
  /** The script of a node's process. */
  program: string
}

/** Several nodes on one log, and a balancer in front of them that sends each request to a random node. */
export class Cluster implements Backend {
  readonly #broker: Broker
  readonly #balancer: FaultProxy
  readonly #nodes: NodeProcess[]
  readonly #publisher = new OrderedPublisher()
  // `change`: a node has started or exited; `error`: a node does not start.
  readonly #changes = new EventEmitter().on('error', () => undefined)
  #port = 0

  private constructor ({ count, broker, program }: ClusterOptions, origins: readonly string[]) {
    this.#broker = broker
    this.#balancer = new FaultProxy(() => this.#randomPort())
    const events: NodeEvents = {
      changed: () => { this.#onChange() },
      failed: (error) => { this.#changes.emit('error', error) },
      answered: (number, reason) => { this.#publisher.settle(number, reason) }
    }
    this.#nodes = [...NAMES.slice(0, count)].map((name) => {
      return new NodeProcess(program, { name, broker: broker.name, url: broker.url, origins }, events)
    })
  }

  /** Resolves when all nodes listen; rejects if one does not start. @param origins of the pages that may subscribe */
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

  /** The balancer's port. */
  get port (): number {
    return this.#port
  }

  /** The sum over all nodes; undefined until a node has reported. */
  get stats (): CometStats | undefined {
    return sum(this.#nodes.flatMap(({ stats }) => stats ?? []))
  }

  get nodes (): NodeStatus[] {
    return this.#nodes.map((node) => ({
      name: node.name,
      isUp: node.port !== undefined,
      publishes: node === this.#publisher.node,
      connections: connectionsOf(node)
    }))
  }

  async publish (channel: string, data: unknown): Promise<void> {
    await this.#publisher.publish(channel, data)
  }

  /** Kills all nodes at the same time and waits until they have restarted, on the same log. */
  async restart (): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.kill()))
    await this.#allUp()
  }

  /** Kills the node with the most connections, unless it is the last one. @returns whether it was killed */
  kill (): boolean {
    const [victim, ...others] = this.#up().sort((a, b) => connectionsOf(b) - connectionsOf(a))
    if (victim === undefined || others.length === 0) return false
    victim.kill().catch(() => undefined)
    return true
  }

  async close (): Promise<void> {
    this.#publisher.close()
    await this.#balancer.close()
    await Promise.all(this.#nodes.map((node) => node.close()))
    await this.#broker.close()
  }

  #up (): NodeProcess[] {
    return this.#nodes.filter(({ port }) => port !== undefined)
  }

  async #allUp (): Promise<void> {
    while (this.#up().length < this.#nodes.length) await once(this.#changes, 'change')
  }

  // Random for each request: no client is tied to a node.
  #randomPort (): number {
    const up = this.#up()
    return up[Math.floor(Math.random() * up.length)]?.port ?? UNUSED_PORT
  }

  #onChange (): void {
    if (this.#publisher.node?.port === undefined) this.#publisher.use(this.#up()[0])
    this.#changes.emit('change')
  }
}

function connectionsOf ({ stats }: NodeProcess): number {
  return stats === undefined ? 0 : Object.values(stats.connections).reduce((sum, count) => sum + count, 0)
}

/** The sum over all nodes, except for the history, which is the same on each. */
function sum (stats: readonly CometStats[]): CometStats | undefined {
  const [first, ...others] = stats
  return first && others.reduce((sum, next) => {
    const add = (key: 'published' | 'delivered' | 'bytesSent'): number => sum[key] + next[key]
    const connections = {
      eventsource: sum.connections.eventsource + next.connections.eventsource,
      iframe: sum.connections.iframe + next.connections.iframe,
      'long-poll': sum.connections['long-poll'] + next.connections['long-poll']
    }
    const added = { published: add('published'), delivered: add('delivered'), bytesSent: add('bytesSent') }
    return { ...sum, connections, ...added }
  }, first)
}
