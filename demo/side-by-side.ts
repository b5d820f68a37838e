import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { FastifyInstance } from 'fastify'
import { controls } from './controls.ts'
import { originsOf } from './origins.ts'
import { Testbed } from './testbed.ts'
import type { TestbedOptions } from './testbed.ts'

/** What the other parts of the app need to know about the front page. */
export interface SideBySide {
  /** The lanes' origins, under the host name of this request. Empty until the app listens. */
  origins (request: IncomingMessage): string[]
  /** Resolves when the app listens. */
  testbed: Promise<Testbed>
}

type StartBackend = TestbedOptions['startBackend']

/**
 * Everything behind the front page: the testbed, which starts when the app listens (only then is the pages' origin
 * known), the lanes' ports, the server's time for the page's measurements, and the controls.
 */
export function sideBySide (app: FastifyInstance, lanePort: number, startBackend?: StartBackend): SideBySide {
  let ready: Testbed | undefined
  const testbed = startWhenListening(app, lanePort, startBackend)
  const pages = (): string[] => pageOrigins(app)

  testbed.then((started) => { ready = started }, (error: unknown) => app.log.error(error))
  app.addHook('preClose', async () => {
    // A failed start has been logged above.
    if (app.server.listening) await testbed.then((started) => started.close(), () => undefined)
  })
  // The front page's security policy names the lanes, so the page waits until they listen.
  app.addHook('onRequest', async ({ url }) => { if (/^\/(\?|$)/.test(url)) await testbed })
  app.get('/lanes', async () => (await testbed).ports)
  app.get('/time', async () => ({ time: performance.timeOrigin + performance.now() }))
  app.register(controls, { testbed, origins: pages })

  return {
    testbed,
    origins ({ headers }) {
      if (ready === undefined || !pages().includes(`http://${headers.host}`)) return []
      const page = `http://${headers.host}`
      return Object.values(ready.ports).map((port) => Object.assign(new URL(page), { port }).origin)
    }
  }
}

function startWhenListening (
  app: FastifyInstance,
  lanePort: number,
  startBackend: StartBackend
): Promise<Testbed> {
  return new Promise((resolve) => {
    app.server.once('listening', () => {
      const { address } = app.server.address() as AddressInfo
      const options = { host: address, port: lanePort, origins: pageOrigins(app), startBackend }
      resolve(Testbed.start(options, (error) => app.log.error(error)))
    })
  })
}

function pageOrigins (app: FastifyInstance): string[] {
  const { address, port } = app.server.address() as AddressInfo
  return originsOf(address, port)
}
