// Several tabs of one page: each on its own, and together on one connection.
import t from 'tap'
import type { Test } from 'tap'
import { chromium, engines, type Browser, type Page } from '../fixtures/browsers.ts'
import { servePages, type Seen } from '../fixtures/client-pages.ts'
import { begin, isOpen, received, seenBy } from '../fixtures/client-watch.ts'
import { startRun } from '../fixtures/numbered-run.ts'
import { needs } from '../fixtures/requirement.ts'
import type { TestServer } from '../fixtures/server.ts'
import type { CometOptions } from '../../lib/client/index.ts'

/** What a tab sees of the one that it opened. */
interface Tab extends Window {
  seen: Seen
  comet: { readonly state: string }
  watch (options: CometOptions, channel: string): void
}

declare const seen: Seen
declare let opened: Tab

for (const engine of engines) {
  t.test(engine.name, async (t) => {
    if (!needs(t, engine.name)) return
    const server = await servePages(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())

    for (const transports of [['eventsource'], ['long-poll']] satisfies CometOptions['transports'][]) {
      t.test(`a tab and its duplicate do not disturb each other on ${transports.join()}`, async (t) => {
        const channel = `duplicate-${transports.join()}`
        const page = await browser.open(`${server.origin}/classic`)
        await begin(page, { transports }, channel)
        await isOpen(page)
        await openDuplicate(page, { transports }, channel)
        const clients = new Set(server.app.comet.subscribers(channel).map(({ client }) => client))
        t.equal(clients.size, 2, 'two secrets')
        const run = startRun(t, server.app, channel)
        await received(page, 30)
        const published = await run.stop()
        await received(page, published.length - 1)
        await page.waitFor((count: number) => opened.seen.data.length >= count, {}, published.length)
        t.same((await seenBy(page)).data, published)
        t.same(await page.evaluate(() => opened.seen.data), published)
        t.same(await page.evaluate(() => opened.seen.states), ['connecting', 'open'], 'it was never cut')
        await page.evaluate(() => { opened.close() })
        await page.close()
      })
    }

    t.test('without SharedWorker each tab that would share has a connection of its own', async (t) => {
      const pages = await openTabs(server, browser, 'alone', () => Reflect.deleteProperty(window, 'SharedWorker'))
      t.equal(new Set(server.app.comet.subscribers('alone').map(({ client }) => client)).size, pages.length)
      await everyTabReceives(t, server, pages, 'alone')
      for (const page of pages) await page.close()
    })

    t.test('tabs that share go on when one is closed, also the one that came first', async (t) => {
      const pages = await openTabs(server, browser, 'closing')
      await pages.pop()?.close()
      await everyTabReceives(t, server, pages, 'closing')
      await pages.shift()?.close()
      await everyTabReceives(t, server, pages, 'closing')
      t.equal(server.app.comet.subscribers('closing').length, 1, 'on one connection')
      for (const page of pages) await page.close()
    })
  })
}

t.test('tabs that share go on when one crashes', async (t) => {
  if (!needs(t, 'chromium')) return
  const server = await servePages(t)
  const browser = await chromium.launch()
  t.teardown(() => browser.close())
  const pages = await openTabs(server, browser, 'crashing')
  await t.rejects(async () => await pages.pop()?.goto('chrome://crash'), 'nothing comes back from a page that crashes')
  await everyTabReceives(t, server, pages, 'crashing')
  t.equal(server.app.comet.subscribers('crashing').length, 1, 'on one connection')
})

// The browser gives a window that a page opens a copy of the page's `sessionStorage`, as *Duplicate tab* does.
async function openDuplicate (page: Page, options: CometOptions, channel: string): Promise<void> {
  await page.evaluate(() => {
    sessionStorage.mark = 'copied'
    const button = document.createElement('button')
    button.onclick = () => { opened = open(location.href, '_blank') as Tab }
    document.body.append(button)
  })
  await page.click('button')
  await page.waitFor(() => 'Comet' in opened)
  await page.evaluate((options: CometOptions, channel: string) => { opened.watch(options, channel) }, options, channel)
  await page.waitFor(() => opened.comet.state === 'open' && opened.sessionStorage.mark === 'copied')
}

async function openTabs (
  server: TestServer, browser: Browser, channel: string, prepare: () => unknown = () => true
): Promise<Page[]> {
  const pages: Page[] = []
  for (let count = 0; count < 3; count++) {
    const page = await browser.open(`${server.origin}/classic`)
    await page.evaluate(prepare)
    await begin(page, { share: channel }, channel)
    await isOpen(page)
    pages.push(page)
  }
  return pages
}

async function everyTabReceives (t: Test, server: TestServer, pages: Page[], channel: string): Promise<void> {
  const before = (await seenBy(pages[0] as Page)).data.length
  const run = startRun(t, server.app, channel)
  await receivedSoMany(pages[0] as Page, before + 20)
  const published = await run.stop()
  for (const page of pages) {
    await receivedSoMany(page, before + published.length)
    t.same((await seenBy(page)).data.slice(before), published)
  }
}

async function receivedSoMany (page: Page, count: number): Promise<void> {
  await page.waitFor((count: number) => seen.data.length >= count, { timeout: 30_000 }, count)
}
