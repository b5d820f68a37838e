import type { AddressInfo } from 'node:net'
import fastifyCors from '@fastify/cors'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import comet from 'fastify-comet'
import type { CometOptions, CometStats } from 'fastify-comet'
import type { NodeStatus } from './lanes.ts'

/** The size of a live server's history, bytes. */
export const HISTORY_BYTES = 8 * 1024 * 1024

/** The response header that names the node, where there are several. */
export const NODE_HEADER = 'x-demo-node'

/** What is behind the proxies: one live server, or several nodes and their balancer. */
export interface Backend {
  /** The port on which it listens now, on the loopback address. */
  readonly port: number
  readonly stats: CometStats | undefined
  /** Empty if there is only one server. */
  readonly nodes: NodeStatus[]
  publish (channel: string, data: unknown): Promise<unknown>
  restart (): Promise<void>
  /** Kills one of several nodes. @returns false if there is only one */
  kill (): boolean
  close (): Promise<void>
}

/**
 * The server behind all lanes, on a port of its own that only the proxies know. It can be replaced by a new one, which
 * begins a new epoch.
 */
export class SingleServer implements Backend {
  readonly nodes: NodeStatus[] = []
  readonly #origins: readonly string[]
  #app: FastifyInstance

  private constructor (origins: readonly string[], app: FastifyInstance) {
    this.#origins = origins
    this.#app = app
  }

  /** @param origins of the pages that may subscribe */
  static async start (origins: readonly string[]): Promise<SingleServer> {
    return new SingleServer(origins, await startServer(origins))
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
    this.#app = await startServer(this.#origins)
    await old.close()
  }

  kill (): boolean {
    return false
  }

  async close (): Promise<void> {
    await this.#app.close()
  }
}

export interface ServerOptions extends Pick<CometOptions, 'log' | 'authorize' | 'publishRoute'> {
  /** The name of the node, if it is one of several. */
  node?: string
}

/** Starts a live server on the loopback address. @param origins of the pages that may subscribe */
export async function startServer (
  origins: readonly string[],
  { node, ...options }: ServerOptions = {}
): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: 'warn' }, forceCloseConnections: true })
  await app.register(fastifyCors, { origin: [...origins], exposedHeaders: ['retry-after'] })
  app.addHook('onRequest', async (_request, reply) => {
    // Without this header, the browser does not reveal the size of a response to a page on another origin.
    reply.header('timing-allow-origin', '*')
    if (node !== undefined) reply.header(NODE_HEADER, node)
  })
  await app.register(comet, {
    origins,
    historySize: 20_000,
    historyBytes: HISTORY_BYTES,
    retain: (channel) => channel === 'server' || channel === 'clock',
    // Short, so that viewers see how silence is detected.
    heartbeatInterval: 2000,
    pollTimeout: 10_000,
    ...options
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app
}
