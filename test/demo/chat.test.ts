import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { engines } from '../fixtures/browsers.ts'
import type { Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { awaitLines, openChat, TRANSPORTS } from './chat-page.ts'
import { startDemo } from './start.ts'

for (const engine of engines) {
  t.test(`${engine.name}: twenty lines within a second arrive on every transport, in order, once`, async (t) => {
    if (!needs(t, engine.name)) return
    const { app, url } = await startDemo(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    const pages: Page[] = []
    for (const transport of TRANSPORTS) pages.push(await openChat(browser, url, transport))

    const said = Array.from({ length: 20 }, (_, i) => `line ${i + 1}`)
    for (const text of said) {
      await app.comet.publish('chat', { from: 'Ada', text })
      await pause(40)
    }
    for (const [i, page] of pages.entries()) {
      t.same(await awaitLines(page, 20), said, `on ${TRANSPORTS[i]}`)
      t.same(page.console, [], `${TRANSPORTS[i]}: no console error`)
    }
  })
}
