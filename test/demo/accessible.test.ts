import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import t from 'tap'
import { chromium } from '../fixtures/browsers.ts'
import type { Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { openLanes } from './lane-page.ts'
import { startDemo } from './start.ts'

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js')

/** What axe finds: the rule, and the elements that break it. */
async function violations (page: Page): Promise<string[]> {
  await page.evaluate(await readFile(AXE, 'utf8'))
  return await page.evaluate(async () => {
    interface Violation { id: string, help: string, nodes: { html: string }[] }
    interface Axe { run (root: Document, options: object): Promise<{ violations: Violation[] }> }
    const { axe } = globalThis as unknown as { axe: Axe }
    const { violations } = await axe.run(document, { iframes: false })
    return violations.map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' ')}`)
  })
}

for (const dark of [false, true]) {
  t.test(`axe finds nothing on any page, ${dark ? 'dark' : 'light'}`, async (t) => {
    if (!needs(t, 'chromium')) return
    const { app, url } = await startDemo(t)
    for (const from of ['Ada', 'Grace', 'Zoë', 'Linus', 'Barbara', 'Tim']) {
      await app.comet.publish('chat', { from, text: 'Good morning' })
    }
    const browser = await chromium.launch({ dark })
    t.teardown(() => browser.close())
    for (const address of ['/', '/clock?transport=long-poll', '/chat?transport=iframe']) {
      const page = await browser.open(url + address)
      await page.waitFor(() => Array.from(document.querySelectorAll('[data-figure=messages]'))
        .every((figure) => Number(figure.textContent) > 2))
      t.same(await violations(page), [], address)
      await page.close()
    }
    const pressed = await openLanes(browser, url)
    await pressed.click('[data-action=stall]')
    await pressed.waitFor(() => document.querySelector('[data-action=stall]')?.getAttribute('aria-pressed') === 'true')
    t.same(await violations(pressed), [], 'with a button pressed')
  })
}
