import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { IncomingMessage } from 'node:http'
import t from 'tap'
import type { CometOptions } from '../../lib/client/index.ts'
import { engines } from '../fixtures/browsers.ts'
import { servePages, type Seen } from '../fixtures/client-pages.ts'
import { needs } from '../fixtures/requirement.ts'

declare const seen: Seen
declare const comet: { readonly state: string }
declare function watch (options: CometOptions): void

for (const engine of engines) {
  t.test(`${engine.name} shows each compressed message when it comes`, async (t) => {
    if (!needs(t, engine.name)) return
    const encodings: unknown[] = []
    const note = (message: unknown): void => {
      const { url = '', headers } = (message as { request: IncomingMessage }).request
      if (/\/comet\/(eventsource|iframe)/.test(url)) encodings.push(headers['accept-encoding'])
    }
    subscribe('http.server.request.start', note)
    t.teardown(() => unsubscribe('http.server.request.start', note))
    const { app, origin } = await servePages(t, { compress: true })
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    for (const transport of ['eventsource', 'iframe'] as const) {
      const page = await browser.open(`${origin}/module`)
      await page.waitFor(() => 'Comet' in window)
      await page.evaluate((transport) => { watch({ transports: [transport] }) }, transport)
      await page.waitFor(() => comet.state === 'open')
      for (let n = 0; n < 5; n++) {
        await app.comet.publish('a', { n, at: Date.now() })
        // Nothing else is published until this one is there.
        t.ok(await page.waitFor((count: number) => seen.data.length >= count, {}, n + 1), `${transport}, message ${n}`)
      }
      t.same(await page.evaluate(() => seen.data), Array.from({ length: 5 }, (_, n) => n))
      await page.goto(`${origin}/other`)
    }
    t.equal(encodings.length, 2)
    t.ok(encodings.every((encoding) => /gzip/.test(String(encoding))), 'it asks for gzip')
  })
}
