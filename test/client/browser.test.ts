import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import type { CometOptions, SubscribeOptions, TransportName } from '../../lib/client/index.ts'
import { engines, type Browser, type Page } from '../fixtures/browsers.ts'
import { servePages, type Seen } from '../fixtures/client-pages.ts'
import { needs } from '../fixtures/requirement.ts'

const TRANSPORTS: TransportName[] = ['eventsource', 'iframe', 'long-poll']

declare const seen: Seen
declare const comet: { readonly state: string, readonly transport: string, close (): void }
declare function watch (options?: CometOptions, channel?: string, subscribe?: SubscribeOptions): void

async function listen (page: Page, options: CometOptions = {}): Promise<void> {
  await page.waitFor(() => 'Comet' in window)
  await page.evaluate((options: CometOptions) => { watch(options) }, options)
  await page.waitFor(() => comet.state === 'open')
}

const got = (page: Page): Promise<unknown[]> => page.evaluate(() => seen.data)

const receive = (page: Page, count: number): Promise<unknown> =>
  page.waitFor((count: number) => seen.data.length >= count, {}, count)

for (const engine of engines) {
  t.test(engine.name, async (t) => {
    if (!needs(t, engine.name)) return
    const { app, origin } = await servePages(t)
    const browser: Browser = await engine.launch()
    t.teardown(() => browser.close())

    for (const transport of TRANSPORTS) {
      t.test(`${transport} delivers message by message`, async (t) => {
        const page = await browser.open(`${origin}/module`)
        await listen(page, { transports: [transport] })
        for (let n = 0; n < 10; n++) {
          await app.comet.publish('a', { n, at: Date.now() })
          await pause(100)
        }
        await receive(page, 10)
        t.same(await got(page), Array.from({ length: 10 }, (_, n) => n))
        const late = (await page.evaluate(() => seen.late)).sort((a, b) => a - b)
        t.ok((late[5] ?? Infinity) < 100, `${late.join()} ms`)
        t.same(await page.evaluate(() => seen.transports), [transport])
        await page.goto(`${origin}/other`)
      })
    }

    t.test('picks the event stream by itself', async (t) => {
      const page = await browser.open(`${origin}/module`)
      await listen(page)
      t.equal(await page.evaluate(() => comet.transport), 'eventsource')
      await page.goto(`${origin}/other`)
    })

    t.test('the iframe leaves no entry in the history, and the page loaded', async (t) => {
      const page = await browser.open(`${origin}/classic`)
      const before = await page.evaluate(() => [history.length, document.readyState])
      await listen(page, { transports: ['iframe'] })
      await page.evaluate(() => { (document.querySelector('iframe') as HTMLElement).dataset['old'] = 'yes' })
      app.comet.disconnect({ channel: 'nobody' })
      t.same(await page.evaluate(() => [history.length, document.readyState]), before)
      t.equal(await page.evaluate(() => document.querySelectorAll('iframe').length), 1)
      await page.evaluate(() => { comet.close() })
      t.equal(await page.evaluate(() => document.querySelectorAll('iframe').length), 0)
      await page.goto(`${origin}/other`)
    })

    for (const search of ['', '?long-poll']) {
      t.test(`the classic build works in a poor browser, also over ${search || 'what it finds'}`, async (t) => {
        const page = await browser.open(`${origin}/poor${search}`)
        await page.waitFor(() => 'Promise' in window)
        t.equal(await page.evaluate(() => comet.transport), search ? 'long-poll' : 'iframe')
        t.same(await got(page), ['by post'])
        t.equal(await page.evaluate(() => document.title), (await app.comet.history('a', { limit: 1000 })).messages.at(-1)?.id)
        t.same(await page.evaluate(() => seen.errors), [])
        await page.goto(`${origin}/other`)
      })
    }

    t.test('ten tabs share one connection, each with its own channels and history', async (t) => {
      for (let n = 0; n < 5; n++) await app.comet.publish('shared', n)
      const pages: Page[] = []
      for (let n = 0; n < 10; n++) {
        const page = await browser.open(`${origin}/${n % 2 ? 'module' : 'classic'}`)
        await page.waitFor(() => 'Comet' in window)
        await page.evaluate((history: number) => { watch({ share: 'me' }, 'shared', { history }) }, n % 3)
        await page.waitFor(() => comet.state === 'open')
        pages.push(page)
      }
      await pages[0]?.waitFor(() => comet.state === 'open')
      for (let n = 5; n < 10; n++) await app.comet.publish('shared', n)
      for (const [n, page] of pages.entries()) {
        await page.waitFor(() => seen.data.includes(9))
        t.same(await got(page), Array.from({ length: 5 + n % 3 }, (_, i) => i + 5 - n % 3), `tab ${n}`)
      }
      t.equal(new Set(app.comet.subscribers('shared').map(({ client }) => client)).size, 1)
      await pages[0]?.evaluate(() => { comet.close() })
      await app.comet.publish('shared', 10)
      await pages[1]?.waitFor(() => seen.data.includes(10))
      for (const page of pages) await page.goto(`${origin}/other`)
    })

    t.test('a page that comes back from the bfcache, or anew, receives what it missed', async (t) => {
      for (const transport of TRANSPORTS) {
        const page = await browser.open(`${origin}/classic`)
        await listen(page, { transports: [transport] })
        await app.comet.publish('a', 1)
        await receive(page, 1)
        await page.goto(`${origin}/other`)
        await app.comet.publish('a', 2)
        await page.back()
        if (!await page.evaluate(() => seen.data.length)) {
          t.comment(`${engine.name} does not keep a page with ${transport}`)
          continue
        }
        await receive(page, 2)
        t.same(await got(page), [1, 2], transport)
        t.equal(await page.evaluate(() => seen.gaps), 0)
        await page.goto(`${origin}/other`)
      }
    })
  })
}
