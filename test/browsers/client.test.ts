import type { FastifyInstance } from 'fastify'
import t from 'tap'
import type { CometOptions, SubscribeOptions, TransportName } from '../../lib/client/index.ts'
import { engines, type Browser, type Page } from '../fixtures/browsers.ts'
import { servePages, type Seen } from '../fixtures/client-pages.ts'
import { networkChanged } from '../fixtures/client-watch.ts'
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
        for (let n = 0; n < 30; n++) {
          await app.comet.publish('a', { n, at: Date.now() })
          // Nothing else is published until this one is there.
          await receive(page, n + 1)
        }
        t.same(await got(page), Array.from({ length: 30 }, (_, n) => n))
        const late = (await page.evaluate(() => seen.late)).sort((a, b) => a - b)
        t.ok((late[15] ?? Infinity) < 100, `${late.join()} ms`)
        t.comment(`${engine.name}, ${transport}: half of 30 messages within ${late[15]} ms, the last after ${late[29]}`)
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

    t.test('the iframe leaves the history and the state of the page as they are without it, also when it is replaced', async (t) => {
      const look = (page: Page): Promise<unknown> => page.evaluate(() => [history.length, document.readyState])
      const plain = await look(await browser.open(`${origin}/other`))
      const page = await browser.open(`${origin}/early`)
      await page.waitFor(() => comet.state === 'open')
      t.same(await look(page), plain)
      await page.evaluate(() => { (document.querySelector('iframe') as HTMLElement).dataset['old'] = 'yes' })
      await networkChanged(page)
      await page.waitFor(() => document.querySelectorAll('iframe').length === 1 &&
        !document.querySelector('[data-old]'))
      t.same(await look(page), plain)
      await page.evaluate(() => { comet.close() })
      t.equal(await page.evaluate(() => document.querySelectorAll('iframe').length), 0)
      t.same(await look(page), plain)
      await page.goto(`${origin}/other`)
    })

    for (const search of ['', '?long-poll']) {
      t.test(`the classic build works in a poor browser, also over ${search || 'what it finds'}`, async (t) => {
        const page = await browser.open(`${origin}/poor${search}`)
        await page.waitFor(() => 'Promise' in window)
        t.equal(await page.evaluate(() => comet.transport), search ? 'long-poll' : 'iframe')
        t.same(await got(page), ['by post'])
        t.equal(
          await page.evaluate(() => document.title), (await app.comet.history('a', { limit: 1000 })).messages.at(-1)?.id
        )
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
      const streams = app.comet.subscribers('shared').filter(({ transport }) => transport === 'eventsource')
      t.equal(new Set(streams.map(({ client }) => client)).size, 1)
      await pages[0]?.evaluate(() => { comet.close() })
      await app.comet.publish('shared', 10)
      await pages[1]?.waitFor(() => seen.data.includes(10))
      for (const page of pages) await page.goto(`${origin}/other`)
    })

    t.test('a page that comes back from the bfcache receives what it missed', async (t) => {
      for (const transport of TRANSPORTS) {
        const page = await leaveAndReturn(app, browser, origin, { transports: [transport] }, () =>
          app.comet.publish('a', 2))
        if (!await isKept(page)) {
          // It never does while a request is open: it decides before `pagehide`, which would end it.
          t.equal(engine.name, 'firefox', `${engine.name} keeps a page with ${transport}`)
          continue
        }
        await receive(page, 2)
        t.same(await got(page), [1, 2], transport)
        t.equal(await page.evaluate(() => seen.gaps), 0)
        await page.goto(`${origin}/other`)
      }
    })

    t.test('a page that shares its connection is kept by the bfcache everywhere', async (t) => {
      const page = await leaveAndReturn(app, browser, origin, { share: 'kept' }, async () => {
        // Chromium gives up a page that the worker has something to tell meanwhile.
        if (engine.name !== 'chromium') await app.comet.publish('a', 2)
      })
      t.ok(await isKept(page))
      await app.comet.publish('a', 3)
      await page.waitFor(() => seen.data.includes(3))
      t.same(await got(page), engine.name === 'chromium' ? [1, 3] : [1, 2, 3])
    })
  })
}

const isKept = (page: Page): Promise<boolean> => page.evaluate(() => seen.data.length > 0)

/** A page that has received a message, left and come back to. */
async function leaveAndReturn (
  app: FastifyInstance, browser: Browser, origin: string, options: CometOptions, meanwhile: () => Promise<unknown>
): Promise<Page> {
  const page = await browser.open(`${origin}/classic`)
  await listen(page, options)
  await app.comet.publish('a', 1)
  await receive(page, 1)
  await page.goto(`${origin}/other`)
  await meanwhile()
  await page.back()
  return page
}
