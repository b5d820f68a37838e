import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sha256 } from '../../util/digest.ts'
import type { Options } from '../options.ts'

// The builds lie beside what the package exports as its client, wherever this file is run from.
const folder = dirname(createRequire(import.meta.url).resolve('fastify-comet/client'))

/** `GET {prefix}/client.js`, the classic script, `GET {prefix}/client.mjs`, the module, and `GET {prefix}/worker.js`, what tabs share. */
export async function clientRoutes (app: FastifyInstance, { routeOptions }: Options): Promise<void> {
  for (const file of ['client.js', 'client.mjs', 'worker.js']) {
    const code = await readFile(join(folder, file))
    const etag = `"${sha256(code)}"`
    app.get(`/${file}`, routeOptions, (request, reply) => {
      reply.header('etag', etag).header('cache-control', 'public, no-cache').header('x-content-type-options', 'nosniff')
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type('text/javascript; charset=utf-8').send(code)
    })
  }
}

// https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match: weak comparison, a list, or "*"
function matches (header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((given) => given.trim() === '*' || given.trim().replace(/^W\//, '') === etag)
}
