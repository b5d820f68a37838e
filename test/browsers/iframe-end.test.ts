// A hidden iframe notices that its document has ended: by what its script posts, long before the watchdog.
import { setTimeout as pause } from 'node:timers/promises'
import type { FastifyInstance } from 'fastify'
import t from 'tap'
import { iframe } from '../../lib/transports/iframe.ts'
import { engines } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { serve } from '../fixtures/server.ts'

declare const states: string[]
declare function watch (url: string): void

const PAGE = `<!doctype html><title>test</title><script src="/comet/client.js"></script><script>
  var states = []
  function watch (url) {
    var comet = new Comet(url, { transports: ['iframe'] })
    comet.on('state', function (state) { states.push(state) })
    comet.subscribe('a', function () {})
  }
</script><body>`

const OWN = { origin: '', retry: 1000 }
const OPEN = JSON.stringify({ type: 'open', cursor: 'x-0', heartbeat: 15_000, poll: 25_000 })

/** Documents that end a moment after they were opened: as they should, or cut off. */
function addPages (app: FastifyInstance): void {
  app.get('/', (_request, reply) => reply.type('text/html').send(PAGE))
  app.get('/:end/iframe', async (request, reply) => {
    const { end } = request.params as { end: string }
    const headers = Object.entries(iframe.headers(OWN)).filter(([, value]) => value !== undefined)
    reply.hijack().raw.writeHead(200, Object.fromEntries(headers) as Record<string, string>)
    reply.raw.write(iframe.preamble(OWN) + iframe.encode([{ json: OPEN }]))
    await pause(500)
    if (end === 'cleanly') reply.raw.end()
    else reply.raw.destroy()
  })
}

for (const engine of engines) {
  // Chromium tells a page nothing of a document that was cut off: there the watchdog's 2 × heartbeat remain.
  for (const end of engine.name === 'chromium' ? ['cleanly'] : ['cleanly', 'abruptly']) {
    t.test(`${engine.name} notices within seconds that the document of an iframe has ended ${end}`, async (t) => {
      if (!needs(t, engine.name)) return
      const { origin } = await serve(t, { comet: { serveClient: true }, before: addPages })
      const browser = await engine.launch()
      t.teardown(() => browser.close())
      const page = await browser.open(origin)
      await page.evaluate((url: string) => { watch(url) }, `/${end}`)
      await page.waitFor(() => states.includes('open'))
      await page.waitFor(() => states.includes('waiting'), { timeout: 5000 })
      t.pass()
    })
  }
}
