import type { AddressInfo } from 'node:net'
import fastifyCors from '@fastify/cors'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import comet from 'fastify-comet'
import type { CometStats } from 'fastify-comet'
import type { Beat, ServerNews } from './lanes.ts'

const HISTORY_BYTES = 8 * 1024 * 1024
const BALLAST = 'x'.repeat(60 * 1024)

/**
 * The server that all lanes listen to, on a port of its own that only the gates know. It can be thrown away and started
 * anew, which makes a new epoch.
 */
export class Live {
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

  beat (beat: Beat): Promise<string> {
    return this.#app.comet.publish('live', beat)
  }

  news (news: ServerNews): Promise<string> {
    return this.#app.comet.publish('server', news)
  }

  /** Fills the history with what nobody listens to, so that everything else falls out of it. */
  async forget (): Promise<void> {
    const count = Math.ceil(HISTORY_BYTES / BALLAST.length) + 1
    await Promise.all(Array.from({ length: count }, () => this.#app.comet.publish('ballast', BALLAST)))
  }

  async restart (): Promise<void> {
    const old = this.#app
    this.#app = await launch(this.#origins)
    await old.close()
  }

  async close (): Promise<void> {
    await this.#app.close()
  }
}

async function launch (origins: readonly string[]): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: 'warn' }, forceCloseConnections: true })
  await app.register(fastifyCors, { origin: [...origins], exposedHeaders: ['retry-after'] })
  // Without it the browser tells a page on another origin nothing about the size of an answer.
  app.addHook('onRequest', async (_request, reply) => { reply.header('timing-allow-origin', '*') })
  await app.register(comet, {
    origins,
    historySize: 20_000,
    historyBytes: HISTORY_BYTES,
    retain: (channel) => channel === 'server',
    // Short, so that silence is noticed while somebody watches.
    heartbeatInterval: 2000,
    pollTimeout: 10_000
  })
  await app.listen({ host: '127.0.0.1', port: 0 })
  return app
}
