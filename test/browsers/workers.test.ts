// The client in workers of a browser, which have no document, and in service workers no XMLHttpRequest either.
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { chromium, engines, type Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { serve } from '../fixtures/server.ts'

interface Told {
  states: string[]
  data: unknown[]
  errors: string[]
  published?: string
  transport?: string | null
  failed?: string
}
declare const told: Told

// A service worker may import at its start only, so both kinds do.
const SCRIPT = `
  import { Comet } from '/comet/client.mjs'
  const told = { states: [], data: [], errors: [] }
  self.addEventListener('error', (event) => { told.failed = event.message })
  self.addEventListener('unhandledrejection', (event) => { told.failed = String(event.reason) })
  self.addEventListener('message', (event) => {
    const say = event.data === 'look' ? (event.source || self) : null
    if (say) return say.postMessage(told)
    const comet = new Comet('/comet', event.data)
    const publish = () => comet.publish('a', 'from a worker').then(
      (id) => { told.published = id },
      (error) => { told.failed = String(error) }
    )
    comet.on('state', (state) => {
      told.states.push(state)
      told.transport = comet.transport
      if (state === 'open' && !told.published) publish()
    })
    comet.on('error', (error) => { told.errors.push(error.code) })
    comet.subscribe('a', (data) => { told.data.push(data) })
  })`

const PAGE = `<!doctype html><title>test</title><script>
  var told = null
  function keep (event) { told = event.data }
  function start (kind, options) {
    if (kind === 'dedicated') {
      window.worker = new Worker('/script.js', { type: 'module' })
      worker.onmessage = keep
      worker.postMessage(options)
    } else {
      navigator.serviceWorker.onmessage = keep
      navigator.serviceWorker.register('/script.js', { type: 'module' }).then(function (registration) {
        window.worker = registration.installing || registration.active
        worker.postMessage(options)
      })
    }
    setInterval(function () { if (window.worker) worker.postMessage('look') }, 50)
  }
</script>`

function addPages (app: FastifyInstance): void {
  app.get('/', (_request, reply) => reply.type('text/html').send(PAGE))
  app.get('/script.js', (_request, reply) => reply.type('text/javascript').send(SCRIPT))
}

declare function start (kind: string, options: object): void

for (const engine of engines) {
  // Firefox runs no modules as service workers.
  const kinds = engine === chromium ? ['dedicated', 'service'] : ['dedicated']
  for (const kind of kinds) {
    for (const options of [{}, { transports: ['long-poll'] }]) {
      t.test(`${engine.name}: a ${kind} worker receives, publishes, is cut off and comes back, with ${JSON.stringify(options)}`, async (t) => {
        if (!needs(t, engine.name)) return
        const { app, origin } = await serve(t, {
          comet: { serveClient: true, publishRoute: true, authorize: () => true }, before: addPages
        })
        const browser = await engine.launch()
        t.teardown(() => browser.close())
        const page = await browser.open(origin)
        await page.evaluate((kind: string, options: object) => { start(kind, options) }, kind, options)
        await sees(page, 'from a worker')
        t.equal(await page.evaluate(() => told.transport), 'transports' in options ? 'long-poll' : 'eventsource')
        app.server.closeAllConnections()
        // A poll that was cut before its answer is sent again by the browser itself.
        if (!('transports' in options)) {
          await page.waitFor(() => told.states.includes('waiting'))
          await page.waitFor(() => told.states.at(-1) === 'open')
        }
        await app.comet.publish('a', 'afterwards')
        await sees(page, 'afterwards')
        t.match(await page.evaluate(() => told), {
          published: /./,
          errors: 'transports' in options
            ? []
            : ['COMET_ERR_NETWORK']
        })
        t.equal(await page.evaluate(() => told.failed ?? null), null, 'nothing is uncaught')
      })
    }
  }
}

async function sees (page: Page, data: string): Promise<void> {
  await page.waitFor((data: string) => told?.data.includes(data), {}, data)
}
