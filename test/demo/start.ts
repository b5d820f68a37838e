import { fileURLToPath } from 'node:url'
import type { FastifyInstance } from 'fastify'
import type { Test } from 'tap'
import { buildApp } from '../../demo/app.ts'
import type { DemoOptions } from '../../demo/app.ts'

/** The built pages. */
export const PAGES = fileURLToPath(new URL('../../build/demo/public/', import.meta.url))

export interface StartedDemo {
  app: FastifyInstance
  url: string
}

/** The demo on a port of its own, until the test ends. */
export async function startDemo (t: Test, options: DemoOptions = {}): Promise<StartedDemo> {
  const app = await buildApp({ root: PAGES, ...options })
  t.teardown(() => app.close())
  return { app, url: await app.listen({ host: '127.0.0.1', port: 0 }) }
}
