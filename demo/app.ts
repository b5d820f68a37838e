import { fileURLToPath } from 'node:url'
import fastifyHelmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import comet from 'fastify-comet'
import { authorize } from './chat.ts'
import { startClock } from './clock.ts'
import { securityHeaders } from './security.ts'
import { sideBySide } from './side-by-side.ts'

export interface DemoOptions {
  /** Folder of the built pages. Default: `public` beside this file. */
  root?: string
  /** The port of the first lane of the front page, the others follow. Default: any. */
  lanePort?: number
}

/** The demo as a Fastify application: the pages, clock, chat, and all behind the front page. The caller listens and closes. */
export async function buildApp ({ root = besides('public'), lanePort = 0 }: DemoOptions = {}): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: 'warn' }, forceCloseConnections: true })
  const lanes = sideBySide(app, lanePort)
  await app.register(fastifyHelmet, securityHeaders(lanes.origins))
  await app.register(comet, {
    publishRoute: true,
    authorize,
    retain: (channel) => channel === 'clock'
  })
  await app.register(fastifyStatic, { root, extensions: ['html'], cacheControl: false })
  startClock(app)
  return app
}

function besides (name: string): string {
  return fileURLToPath(new URL(`./${name}/`, import.meta.url))
}
