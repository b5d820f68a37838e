import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { controls } from './controls.ts'
import { originsOf } from './origins.ts'
import { Stage } from './testbed.ts'
import type { StageOptions } from './testbed.ts'

/** What the other parts of the app need to know about the front page. */
export interface SideBySide {
  /** Origins of the lanes, under the name by which this request reached the app. Empty before the app listens. */
  origins (request: IncomingMessage): string[]
  /** Resolves when the app listens. */
  stage: Promise<Stage>
}

type Backstage = StageOptions['backstage']

/**
 * All behind the front page: the stage, which starts when the app listens (its pages' origin is known only then), the
 * lanes' ports for the page, the server's time for its measurements, and the controls.
 */
export function sideBySide (app: FastifyInstance, lanePort: number, backstage?: Backstage): SideBySide {
  let ready: Stage | undefined
  const stage = startWhenListening(app, lanePort, backstage)
  const pages = (): string[] => pageOrigins(app)

  stage.then((started) => { ready = started }, (error: unknown) => app.log.error(error))
  app.addHook('preClose', async () => {
    // Whether it started was told above.
    if (app.server.listening) await stage.then((started) => started.close(), () => undefined)
  })
  // The front page's security policy names the lanes, so that it waits until they are there.
  app.addHook('onRequest', async ({ url }) => { if (/^\/(\?|$)/.test(url)) await stage })
  app.get('/lanes', async () => (await stage).ports)
  app.get('/time', async () => ({ time: performance.timeOrigin + performance.now() }))
  app.register(controls, { stage, origins: pages })

  return {
    stage,
    origins ({ headers }) {
      if (ready === undefined || !pages().includes(`http://${headers.host}`)) return []
      return Object.values(ready.ports).map((port) => Object.assign(new URL(`http://${headers.host}`), { port }).origin)
    }
  }
}

function startWhenListening (app: FastifyInstance, lanePort: number, backstage: Backstage): Promise<Stage> {
  return new Promise((resolve) => {
    app.server.once('listening', () => {
      const { address } = app.server.address() as AddressInfo
      const options = { host: address, port: lanePort, origins: pageOrigins(app), backstage }
      resolve(Stage.start(options, (error) => app.log.error(error)))
    })
  })
}

function pageOrigins (app: FastifyInstance): string[] {
  const { address, port } = app.server.address() as AddressInfo
  return originsOf(address, port)
}
