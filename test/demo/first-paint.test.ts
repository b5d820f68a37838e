import { createServer, get } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { chromium } from '../fixtures/browsers.ts'
import type { Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { control, everyLane, layoutShift } from './lane-page.ts'
import { startDemo } from './start.ts'

const OWN_FILES = /^\/((clock|chat)?(\?|$)|assets\/|[\w-]+\.(css|svg)$)/
const AT_ONCE = 10_000

/** The address of a demo that hands out its pages, styles and scripts, and answers nothing else, ever. */
async function silentDemo (t: Test): Promise<string> {
  const { url } = await startDemo(t)
  const server = createServer((request, response) => {
    const path = request.url ?? '/'
    if (!OWN_FILES.test(path)) return
    get(url + path, (answer) => answer.pipe(response.writeHead(answer.statusCode ?? 500, answer.headers)))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    server.closeAllConnections()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** When the page first showed something, ms after its navigation began. */
const firstPaint = (page: Page): Promise<number> =>
  page.waitFor(() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0)

const texts = (page: Page, selector: string): Promise<string[]> =>
  page.evaluate(
    (selector: string) => Array.from(document.querySelectorAll<HTMLElement>(selector), (element) => element.innerText),
    selector
  )

t.test('first paint', async (t) => {
  if (!needs(t, 'chromium')) return
  const browser = await chromium.launch()
  t.teardown(() => browser.close())

  await t.test('the front page is there when no request is ever answered', async (t) => {
    const page = await browser.open(await silentDemo(t))
    t.ok(await firstPaint(page) < AT_ONCE)
    t.same(await texts(page, '[data-lane] h2'), ['Hidden iframe', 'Long-poll', 'EventSource', 'Auto'])
    t.same(await texts(page, '[data-action] strong'), ['Burst', 'Cut', 'Stall', 'Buffer', 'Restart', 'Forget'])
    t.ok((await texts(page, '[data-lane] .how')).every((text) => text.length > 80), 'each lane says how it works')
    t.equal((await texts(page, '[data-lane] dd')).filter((figure) => /^[0–]/.test(figure))
      .length, 36, 'each figure has its place')
    t.equal((await texts(page, '[data-features] tr')).length, 5, 'the features are listed')
    t.same(page.console, [])
  })

  for (const [address, title] of [['/clock', /clock/], ['/chat', /Chat/]] as const) {
    for (const transport of ['iframe', 'long-poll', 'eventsource', 'auto']) {
      await t.test(`${address} over ${transport} is there when no request is ever answered`, async (t) => {
        const page = await browser.open(`${await silentDemo(t)}${address}?transport=${transport}`)
        t.ok(await firstPaint(page) < AT_ONCE)
        t.match(await texts(page, 'h1'), [title])
        t.same(await texts(page, 'dt'), ['State', 'Transport', 'Messages', 'Requests', 'Reconnects', 'Gaps'])
        t.same(await texts(page, '[data-figure=state]'), ['connecting'])
      })
    }
  }

  await t.test('nothing moves when the figures come', async (t) => {
    const { url } = await startDemo(t)
    await control(url, 'stall', 60)
    const page = await browser.open(url)
    t.ok(await firstPaint(page) < AT_ONCE)
    await everyLane(page, 'all are on their way', ({ state, messages }) => state === 'connecting' && messages === '0')
    await control(url, 'stall', 0)
    await everyLane(page, 'figures come', ({ state, messages, p50 }) => state === 'open' && Number(messages) > 20 &&
      Number(p50) >= 0)
    await page.waitFor(() => document.querySelector('[data-server=published]')?.textContent !== '–')
    t.equal(await layoutShift(page), 0)
  })
})
