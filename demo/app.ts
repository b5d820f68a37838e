import { fileURLToPath } from 'node:url'
import fastifyHelmet from '@fastify/helmet'
import fastifyStatic from '@fastify/static'
import fastify from 'fastify'
import type { FastifyInstance } from 'fastify'
import comet from 'fastify-comet'
import { authorize } from './authorize.ts'
import { startClock } from './clock.ts'
import { Cluster } from './nodes/cluster.ts'
import type { ClusterOptions } from './nodes/cluster.ts'
import { frontPage } from './nodes/front-page.ts'
import { securityHeaders } from './security.ts'
import { sideBySide } from './side-by-side.ts'
import type { Testbed } from './testbed.ts'

export interface DemoOptions {
  /** The folder of the built pages. Default: `public` next to this file. */
  root?: string
  /** The port of the front page's first lane; the others follow. Default: any. */
  lanePort?: number
  /** Runs the demo on several nodes with one log. Default: one process. */
  nodes?: ClusterOptions | undefined
}

/** The demo as a Fastify application: pages, clock, chat, and the server side of the front page. Listens on no port. */
export async function buildApp (options: DemoOptions = {}): Promise<FastifyInstance> {
  const { root = sibling('public'), lanePort = 0, nodes } = options
  const app = fastify({ logger: { level: 'warn' }, forceCloseConnections: true })
  const lanes = sideBySide(app, lanePort, nodes && ((origins) => Cluster.start(nodes, origins)))
  await app.register(fastifyHelmet, securityHeaders(lanes.origins))
  if (nodes) await runOnNodes(app, root, lanes.testbed)
  else await runInProcess(app)
  await app.register(fastifyStatic, { root, extensions: ['html'], cacheControl: false })
  return app
}

async function runInProcess (app: FastifyInstance): Promise<void> {
  await app.register(comet, {
    publishRoute: true,
    authorize,
    retain: (channel) => channel === 'clock'
  })
  startClock(app, (channel, tick) => app.comet.publish(channel, tick))
}

async function runOnNodes (app: FastifyInstance, root: string, testbed: Promise<Testbed>): Promise<void> {
  await app.register(frontPage, { root, balancer: async () => (await testbed).backendPort })
  startClock(app, async (channel, tick) => (await testbed).publish(channel, tick))
}

function sibling (name: string): string {
  return fileURLToPath(new URL(`./${name}/`, import.meta.url))
}
