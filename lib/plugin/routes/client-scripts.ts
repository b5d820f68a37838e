import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { FastifyInstance } from 'fastify'
import { sha256 } from '../../util/digest.ts'
import type { Options } from '../options.ts'

const FILES = ['client.js', 'client.mjs', 'worker.js']

/**
 * Mounts `GET {prefix}/client.js`, the classic script, `GET {prefix}/client.mjs`, the module, and `GET
 * {prefix}/worker.js`, which tabs share. They are read from `folder`, by default the one that the package exports as
 * its client. Rejects with an error that names the file where one is missing.
 */
export async function clientRoutes (
  app: FastifyInstance, { routeOptions }: Pick<Options, 'routeOptions'>, folder?: string
): Promise<void> {
  for (const file of FILES) {
    // The source maps beside the builds are for bundlers: there is no route for them.
    const code = (await read(file, folder)).toString().replace(/\n\/\/# sourceMappingURL=\S+\s*$/, '')
    const etag = `"${sha256(code)}"`
    app.get(`/${file}`, routeOptions, (request, reply) => {
      reply.header('etag', etag).header('cache-control', 'public, no-cache').header('x-content-type-options', 'nosniff')
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.type('text/javascript; charset=utf-8').send(code)
    })
  }
}

async function read (file: string, folder?: string): Promise<Buffer> {
  try {
    return await readFile(join(folder ?? builds(), file))
  } catch (error) {
    const { message } = error as Error
    const missing = `comet: ${file}, which the option "serveClient" serves, is missing: ${message}`
    throw new Error(`${missing}; build the package, or set serveClient to false`, { cause: error })
  }
}

// The package's own name leads to them from lib/ and from dist/.
function builds (): string {
  return dirname(createRequire(import.meta.url).resolve('fastify-comet/client'))
}

// https://www.rfc-editor.org/rfc/rfc9110#name-if-none-match: weak comparison, a list, or "*"
function matches (header: string | undefined, etag: string): boolean {
  if (header === undefined) return false
  return header.split(',').some((given) => given.trim() === '*' || given.trim().replace(/^W\//, '') === etag)
}
