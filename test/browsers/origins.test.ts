// A page of one origin, whose client listens to another.
import fastifyCors from '@fastify/cors'
import Fastify from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { engines } from '../fixtures/browsers.ts'
import { foreignPage } from '../fixtures/client-pages.ts'
import { begin, carriedBy, isOpen, received, seenBy } from '../fixtures/client-watch.ts'
import { startRun } from '../fixtures/numbered-run.ts'
import { needs } from '../fixtures/requirement.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'

declare const comet: { publish (channel: string, data: unknown): Promise<string> }

for (const engine of engines) {
  t.test(engine.name, async (t) => {
    if (!needs(t, engine.name)) return
    const { server, pageUrl } = await start(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    const page = await browser.open(pageUrl)

    for (const transport of TRANSPORT_NAMES) {
      t.test(`${transport} delivers to a page of another origin`, async (t) => {
        await page.goto(pageUrl)
        await begin(page, { transports: [transport] }, transport)
        await carriedBy(page, transport)
        const run = startRun(t, server.app, transport)
        await received(page, 20)
        const published = await run.stop()
        await received(page, published.length - 1)
        t.same((await seenBy(page)).data, published)
      })
    }

    t.test('a page of another origin may publish', async (t) => {
      await page.goto(pageUrl)
      await begin(page, {}, 'posted')
      await isOpen(page)
      t.type(await page.evaluate(() => comet.publish('posted', { n: 7 })), 'string')
      await received(page, 7)
      t.same((await seenBy(page)).data, [7])
    })
  })
}

/** A server, and the URL of a page elsewhere that it lets in. */
async function start (t: Test): Promise<{ server: TestServer, pageUrl: string }> {
  const pages = Fastify({ forceCloseConnections: true })
  t.teardown(() => pages.close())
  let cometUrl = ''
  pages.get('/', (_request, reply) => reply.type('text/html').send(foreignPage(cometUrl)))
  const origin = await pages.listen({ host: '127.0.0.1', port: 0 })
  const server = await serve(t, {
    before: (app) => app.register(fastifyCors, { origin: [origin] }),
    comet: { serveClient: true, publishRoute: true, authorize: () => true, origins: [origin] }
  })
  cometUrl = `${server.origin}/comet`
  return { server, pageUrl: `${origin}/` }
}
