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
import { front } from './nodes/front-page.ts'
import { securityHeaders } from './security.ts'
import { sideBySide } from './side-by-side.ts'
import type { Stage } from './testbed.ts'

export interface DemoOptions {
  /** Folder of the built pages. Default: `public` beside this file. */
  root?: string
  /** The port of the first lane of the front page, the others follow. Default: any. */
  lanePort?: number
  /** Several nodes on one log. Default: none, the demo is one process. */
  nodes?: ClusterOptions | undefined
}

/** The demo as a Fastify application: the pages, clock, chat, and all behind the front page. The caller listens and closes. */
export async function buildApp ({ root = besides('public'), lanePort = 0, nodes }: DemoOptions = {}): Promise<FastifyInstance> {
  const app = fastify({ logger: { level: 'warn' }, forceCloseConnections: true })
  const lanes = sideBySide(app, lanePort, nodes && ((origins) => Cluster.start(nodes, origins)))
  await app.register(fastifyHelmet, securityHeaders(lanes.origins))
  if (nodes) await onNodes(app, root, lanes.stage)
  else await onOne(app)
  await app.register(fastifyStatic, { root, extensions: ['html'], cacheControl: false })
  return app
}

async function onOne (app: FastifyInstance): Promise<void> {
  await app.register(comet, {
    publishRoute: true,
    authorize,
    retain: (channel) => channel === 'clock'
  })
  startClock(app, (channel, tick) => app.comet.publish(channel, tick))
}

async function onNodes (app: FastifyInstance, root: string, stage: Promise<Stage>): Promise<void> {
  await app.register(front, { root, balancer: async () => (await stage).livePort })
  startClock(app, async (channel, tick) => (await stage).publish(channel, tick))
}

function besides (name: string): string {
  return fileURLToPath(new URL(`./${name}/`, import.meta.url))
}
