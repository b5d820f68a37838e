// What the pages see of several nodes: the front page with its parts for nodes, and the balancer under /comet.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { ProxiedRequest } from '../proxied-request.ts'

const NODES_ONLY = /<!--nodes\s([\s\S]*?)-->/g

export interface FrontPageOptions {
  /** The folder of the built pages. */
  root: string
  /** Resolves to the balancer's port when it listens. */
  balancer: () => Promise<number>
}

/** Serves the front page with its parts for several nodes, and forwards each request under /comet to the balancer. */
export async function frontPage (app: FastifyInstance, { root, balancer }: FrontPageOptions): Promise<void> {
  const page = await readFile(join(root, 'index.html'), 'utf8')
  app.get('/', async (_request, reply) => {
    return reply.type('text/html; charset=utf-8').send(page.replace(NODES_ONLY, '$1'))
  })
  await app.register(async (app) => {
    // The nodes parse the bodies.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => { done(null) })
    app.all('/comet/*', async (request, reply) => {
      const port = await balancer()
      reply.hijack()
      return new ProxiedRequest(request.raw, reply.raw, () => port, 'pass', () => undefined)
    })
  })
}
