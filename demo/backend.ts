import type { AddressInfo } from 'node:net'
import fastifyCors from '@fastify/cors'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import comet from 'fastify-comet'
import type { CometOptions, CometStats } from 'fastify-comet'
import type { NodeNews } from './lanes.ts'

/** How much of what was said a live server holds, bytes. */
export const HISTORY_BYTES = 8 * 1024 * 1024

/** The header that tells which of several nodes has answered. */
export const NODE_HEADER = 'x-demo-node'

/** What is behind the gates: one live server, or several nodes and their balancer. */
export interface Backstage {
  /** where it listens now, on the loopback address */
  readonly port: number
  readonly stats: CometStats | undefined
  /** empty where there is one server only */
  readonly nodes: NodeNews[]
  publish (channel: string, data: unknown): Promise<unknown>
  restart (): Promise<void>
  /** Ends one of several nodes. @returns false where there is none to spare */
  kill (): boolean
  close (): Promise<void>
}

/**
 * The server that all lanes listen to, on a port of its own that only the gates know. It can be thrown away and started
 * anew, which makes a new epoch.
 */
export class Live implements Backstage {
  readonly nodes: NodeNews[] = []
  readonly #origins: readonly string[]
  #app: FastifyInstance

  private constructor (origins: readonly string[], app: FastifyInstance) {
    this.#origins = origins
    this.#app = app
  }

  /** @param origins of the pages that may listen */
  static async start (origins: readonly string[]): Promise<Live> {
    return new Live(origins, await launch(origins))
  }

  get port (): number {
    return (this.#app.server.address() as AddressInfo).port
  }

  get stats (): CometStats {
    return this.#app.comet.stats()
  }

  publish (channel: string, data: unknown): Promise<string> {
    return this.#app.comet.publish(channel, data)
  }

  async restart (): Promise<void> {
    const old = this.#app
    this.#app = await launch(this.#origins)
    await old.close()
  }

  kill (): boolean {
    return false
  }

  async close (): Promise<void> {
    await this.#app.close()
  }
}

export interface LaunchOptions extends Pick<CometOptions, 'log' | 'authorize' | 'publishRoute'> {
  /** The name of the node, where it is one of several. */
  node?: string
}

/** A live server, listening on the loopback address. @param origins of the pages that may listen */
export async function launch (origins: readonly string[], { node, ...options }: LaunchOptions = {}): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: 'warn' }, forceCloseConnections: true })
  await app.register(fastifyCors, { origin: [...origins], exposedHeaders: ['retry-after'] })
  app.addHook('onRequest', async (_request, reply) => {
    // Without it the browser tells a page on another origin nothing about the size of an answer.
    reply.header('timing-allow-origin', '*')
    if (node !== undefined) reply.header(NODE_HEADER, node)
  })
  await app.register(comet, {
    origins,
    historySize: 20_000,
    historyBytes: HISTORY_BYTES,
    retain: (channel) => channel === 'server' || channel === 'clock',
    // Short, so that silence is noticed while somebody watches.
    heartbeatInterval: 2000,
    pollTimeout: 10_000,
    ...options
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app
}
