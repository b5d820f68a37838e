// What the pages see of several nodes: the front page with what is for nodes only, and the balancer under /comet.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { Relay } from '../proxied-request.ts'

const FOR_NODES = /<!--nodes\s([\s\S]*?)-->/g

export interface FrontOptions {
  /** Folder of the built pages. */
  root: string
  /** Where the balancer listens, once it does. */
  balancer: () => Promise<number>
}

/** Sends each request under /comet to the balancer, and serves the front page with its parts for nodes. */
export async function front (app: FastifyInstance, { root, balancer }: FrontOptions): Promise<void> {
  const page = await readFile(join(root, 'index.html'), 'utf8')
  app.get('/', async (_request, reply) => reply.type('text/html; charset=utf-8').send(page.replace(FOR_NODES, '$1')))
  await app.register(async (app) => {
    // Bodies are for the nodes to read.
    app.removeAllContentTypeParsers()
    app.addContentTypeParser('*', (_request, _payload, done) => { done(null) })
    app.all('/comet/*', async (request, reply) => {
      const port = await balancer()
      reply.hijack()
      return new Relay(request.raw, reply.raw, () => port, 'pass', () => undefined)
    })
  })
}
