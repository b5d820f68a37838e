import t from 'tap'
import { engines } from '../fixtures/browsers.ts'
import type { Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { startDemo } from './start.ts'

const TICKS = 5

interface Seen {
  text: string
  /** ms */
  at: number
}

/**
 * Begins to note what the page's clock shows. What is replaced in the same task nobody could see, and it does not
 * count.
 */
async function watch (page: Page): Promise<void> {
  await page.evaluate(() => {
    const clock = document.querySelector('[data-clock]') as HTMLElement
    const seen: Seen[] = []
    Object.assign(globalThis, { seen })
    new MutationObserver(() => seen.push({ text: clock.textContent ?? '', at: performance.now() })).observe(clock, {
      childList: true, characterData: true, subtree: true
    })
  })
}

/** Resolves to what the page's clock showed, once it has changed so often. */
async function ticks (page: Page): Promise<string[]> {
  await watch(page)
  const shown = await page.waitFor((count: number) => {
    const { seen } = globalThis as unknown as { seen: Seen[] }
    return seen.length < count ? null : seen.map(({ text }) => text)
  }, { timeout: 20_000 }, TICKS)
  return shown ?? []
}

function seconds (shown: string): number {
  const [hours = 0, minutes = 0, seconds = 0] = shown.split(':').map(Number)
  return (hours * 60 + minutes) * 60 + seconds
}

for (const engine of engines) {
  t.test(`${engine.name}: the clock ticks on every transport`, async (t) => {
    if (!needs(t, engine.name)) return
    const { url } = await startDemo(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())

    const pages: [transport: string, page: Page][] = []
    for (const transport of ['iframe', 'long-poll', 'eventsource', 'auto']) {
      pages.push([transport, await browser.open(`${url}/clock?transport=${transport}`)])
    }
    await Promise.all(pages.map(async ([transport, page]) => {
      const shown = (await ticks(page)).map(seconds)
      t.ok(shown.every((second, i) => i === 0 ||
        (second - Number(shown[i - 1]) + 86_400) % 86_400 === 1), `${transport}: one second after the other`, { shown })
      const facts = await page.evaluate(() => ['state', 'transport', 'reconnects', 'gaps'].map((name) =>
        document.querySelector(`[data-figure=${name}]`)?.textContent))
      t.same(facts, ['open', transport === 'auto'
        ? 'eventsource'
        : transport, '0', '0'], `${transport}: the facts are shown`)
      t.equal(await page.evaluate(() => document.querySelector('[data-choice][aria-current]')
        ?.getAttribute('data-choice')), transport, `${transport}: the switch shows it`)
      t.same(page.console, [], `${transport}: no console error`)
    }))
  })
}

for (const engine of engines) {
  t.test(`${engine.name}: seconds that arrive together are shown one after the other`, async (t) => {
    if (!needs(t, engine.name)) return
    const { app, url } = await startDemo(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    // Its answers bring them in one task.
    const page = await browser.open(`${url}/clock?transport=long-poll`)
    await page.waitFor(() => document.querySelector('[data-figure=state]')?.textContent === 'open')
    await watch(page)
    const start = Date.UTC(2000, 0, 1, 0, 0, 40)
    await Promise.all(Array.from({ length: 5 }, (_, index) =>
      app.comet.publish('clock', { time: start + index * 1000 })))
    const shown = await page.waitFor(() => {
      const { seen } = globalThis as unknown as { seen: Seen[] }
      return seen.some(({ text }) => text.endsWith(':44')) && seen
    }) || []
    const first = shown.findIndex(({ text }) => text.endsWith(':40'))
    const five = shown.slice(first, first + 5)
    t.same(five.map(({ text }) => text.slice(-3)), [':40', ':41', ':42', ':43', ':44'])
    t.ok(five.every(({ at }, index) => index === 0 ||
      at - Number(five[index - 1]?.at) > 50), 'each is there to be seen', { five })
  })
}

t.test('the switch changes the transport', async (t) => {
  const [chromium] = engines
  if (chromium === undefined || !needs(t, chromium.name)) return
  const { url } = await startDemo(t)
  const browser = await chromium.launch()
  t.teardown(() => browser.close())
  const page = await browser.open(`${url}/clock`)
  await page.click('[data-choice=long-poll]')
  t.ok(await page.waitFor(() => document.querySelector('[data-figure=transport]')?.textContent === 'long-poll'))
  t.match(await page.evaluate(() => location.search), 'transport=long-poll')
})
