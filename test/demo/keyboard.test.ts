import t from 'tap'
import { chromium } from '../fixtures/browsers.ts'
import type { Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { everyLane, figures, openLanes } from './lane-page.ts'
import { startDemo } from './start.ts'

const CONTROLS = 'a[href], button, input, select, textarea, summary, [tabindex="0"]'
const MOST = 100

interface Stop {
  /** its place among the controls of the page, -1 for what is none of them */
  index: number
  what: string
  /** whether one can see that it has the focus */
  shows: boolean
}

/** Where the focus is. */
const stop = (page: Page): Promise<Stop> => page.evaluate((controls: string) => {
  const focused = document.activeElement as HTMLElement
  const { outlineStyle, outlineWidth } = getComputedStyle(focused)
  const { top, bottom, left, right } = focused.getBoundingClientRect()
  const outlined = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1
  return {
    index: Array.from(document.querySelectorAll(controls)).indexOf(focused),
    what: focused.outerHTML.slice(0, 80),
    shows: outlined && bottom > 0 && top < innerHeight && right > 0 && left < innerWidth
  }
}, CONTROLS)

/** All that Tab leads to, from the top of the page until it leaves it. */
async function walk (page: Page): Promise<Stop[]> {
  const stops: Stop[] = []
  for (let i = 0; i < MOST; i++) {
    await page.press('Tab')
    const next = await stop(page)
    if (next.what.startsWith('<body') || next.index === stops[0]?.index) break
    stops.push(next)
  }
  return stops
}

const focus = (page: Page, selector: string): Promise<void> => page.evaluate((selector: string) => {
  document.querySelector<HTMLElement>(selector)?.focus()
}, selector)

/** Counts, from now on, what a screen reader is told by itself. */
const listen = (page: Page): Promise<void> => page.evaluate(() => {
  const told: string[] = []
  Object.assign(globalThis, { told })
  const live = '[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log], [role=timer], [role=marquee], output:not([aria-live])'
  new MutationObserver((records) => {
    for (const { target } of records) {
      const region = (target instanceof Element ? target : target.parentElement)?.closest(live)
      if (region) told.push(region.textContent ?? '')
    }
  }).observe(document, { subtree: true, childList: true, characterData: true })
})

const told = (page: Page): Promise<string[]> => page.evaluate(() => (globalThis as unknown as { told: string[] }).told)

t.test('keyboard and screen reader', async (t) => {
  if (!needs(t, 'chromium')) return
  const browser = await chromium.launch()
  t.teardown(() => browser.close())

  for (const address of ['/', '/clock', '/chat']) {
    await t.test(`Tab leads to each control of ${address}, in order, and shows where it is`, async (t) => {
      const { url } = await startDemo(t)
      const page = await browser.open(url + address)
      const stops = await walk(page)
      const count = await page.evaluate((controls: string) => document.querySelectorAll(controls).length, CONTROLS)
      t.same(stops.filter(({ index }) => index >= 0)
        .map(({ index }) => index), Array.from({ length: count }, (_, index) => index))
      t.same(stops.filter(({ shows }) => !shows).map(({ what }) => what), [])
      await page.close()
    })
  }

  await t.test('buttons work by Enter and by Space', async (t) => {
    const { url } = await startDemo(t)
    const page = await openLanes(browser, url)
    for (const key of ['Enter', 'Space'] as const) {
      const { messages } = (await figures(page)).auto
      await focus(page, '[data-action=burst]')
      await page.press(key)
      await everyLane(page, `the burst by ${key} has come`, (lane) => Number(lane.messages) > Number(messages) + 200)
    }
    for (const pressed of ['true', 'false']) {
      await focus(page, '[data-action=buffer]')
      await page.press('Space')
      t.ok(await page.waitFor((pressed: string) => document.querySelector('[data-action=buffer]')
        ?.getAttribute('aria-pressed') === pressed, {}, pressed), `pressed: ${pressed}`)
    }
    await focus(page, '[data-copy=command-auto]')
    await page.press('Enter')
    t.match(await page.waitFor(() =>
      /Copied|Selected/.exec(document.querySelector('[data-copy=command-auto]')?.textContent ?? '')?.[0]), /./)
  })

  await t.test('the slider and the list work by arrow keys', async (t) => {
    const { url } = await startDemo(t)
    const page = await openLanes(browser, url)
    await focus(page, '[data-control=rate]')
    for (let i = 0; i < 3; i++) await page.press('ArrowRight')
    t.ok(
      await page.waitFor(() => document.querySelector('[data-server=rate]')?.textContent === '13'), 'the server has it'
    )
    t.equal(await page.evaluate(() => document.querySelector('[data-rate]')?.textContent), '13')
    await focus(page, '[data-control=size]')
    await page.press('ArrowDown')
    t.equal(await page.evaluate(() => document.querySelector<HTMLSelectElement>('[data-control=size]')?.value), '1024')
  })

  await t.test('what changes all the time is not told by itself', async (t) => {
    const { url } = await startDemo(t)
    for (const address of ['/', '/clock']) {
      const page = await browser.open(url + address)
      const seen = (): Promise<number> =>
        page.evaluate(() => Number(document.querySelector('[data-figure=messages]')?.textContent))
      await page.waitFor(() => document.querySelector('[data-figure=state]')?.textContent === 'open' &&
        document.querySelector('[data-timeline] .none') === null)
      await listen(page)
      const start = await seen()
      await page.waitFor(
        (least: number) => Number(document.querySelector('[data-figure=messages]')?.textContent) > least, {}, start + 3
      )
      t.same(await told(page), [], address)
      await page.close()
    }
  })

  await t.test('what was done is told, once', async (t) => {
    const { url } = await startDemo(t)
    const page = await openLanes(browser, url)
    await listen(page)
    await page.click('[data-action=burst]')
    await page.waitFor(() => document.querySelector('[data-status]')?.textContent === 'burst: done')
    await focus(page, '[data-control=rate]')
    await page.press('ArrowRight')
    await page.waitFor(() => document.querySelector('[data-status]')?.textContent === 'rate: done')
    t.same(await told(page), ['burst: done', 'rate: done'])
  })
})
