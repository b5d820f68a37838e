import t from 'tap'
import type { Test } from 'tap'
import { chromium } from '../fixtures/browsers.ts'
import type { Browser, Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { LANE_NAMES } from '../../demo/lanes.ts'
import { everyLane, faults, figures, flows, layoutShift, nothingLost, openLanes, set } from './lane-page.ts'
import { startDemo } from './start.ts'

/** The front page of a demo of its own. */
async function openDemo (t: Test, browser: Browser): Promise<Page> {
  const { url } = await startDemo(t)
  const page = await openLanes(browser, url)
  t.teardown(() => page.close())
  return page
}

t.test('side by side', async (t) => {
  if (!needs(t, 'chromium')) return
  const browser = await chromium.launch()
  t.teardown(() => browser.close())

  await t.test('burst, cut, stall, restart, forget: nothing is lost', async (t) => {
    const page = await openDemo(t, browser)
    const press = (action: string): Promise<void> => page.click(`[data-action=${action}]`)

    const before = await figures(page)
    await press('burst')
    await everyLane(page, 'the burst has come', ({ messages }) => Number(messages) > Number(before.auto.messages) + 190)
    await nothingLost(t, page)

    await press('cut')
    await everyLane(page, 'streams came back', ({ transport, reconnects }) => transport === 'long-poll' ||
      Number(reconnects) > 0)
    await flows(page)
    await nothingLost(t, page)

    await press('stall')
    t.ok(await page.waitFor(() =>
      document.querySelector('[data-action=stall]')?.getAttribute('aria-pressed') === 'true'))
    await page.waitFor(
      () => document.querySelector('[data-action=stall]')?.getAttribute('aria-pressed') === 'false', { timeout: 30_000 }
    )
    await flows(page)
    t.same(Object.values(await nothingLost(t, page)).map(({ gaps }) => gaps), ['0', '0', '0', '0'])

    await press('restart')
    await everyLane(page, 'the restart is told', ({ gaps }) => gaps === '1')
    await flows(page)
    await nothingLost(t, page)

    await press('forget')
    await everyLane(page, 'what was forgotten is told', ({ gaps }) => gaps === '2')
    await flows(page)
    await nothingLost(t, page)
    t.same(faults(page), [], 'no error but broken connections')
  })

  await t.test('buffer: auto falls back to long-poll, and comes back', async (t) => {
    const page = await openDemo(t, browser)
    await page.click('[data-action=buffer]')
    const auto = (transport: string): Promise<boolean> => page.waitFor((transport: string) =>
      document.querySelector(
        '[data-lane=auto] [data-figure=transport]'
      )?.textContent === transport, { timeout: 60_000 }, transport)
    t.ok(await auto('long-poll'), 'falls back')
    const { messages } = (await figures(page)).auto
    t.ok(await page.waitFor((least: number) => Number(document.querySelector('[data-lane=auto] [data-figure=messages]')
      ?.textContent) > least, {}, Number(messages) + 10), 'and receives')
    t.ok(await auto('eventsource'), 'comes back')
    await flows(page)
    t.same(Object.values(await nothingLost(t, page)).map(({ gaps }) => gaps), ['0', '0', '0', '0'])
    const told = await page.evaluate(() => document.querySelector('[data-timeline]')?.textContent)
    t.match(told, /upgrade.*fallback.*first one to deliver/s, 'the time line tells it, with reasons')
    t.same(faults(page), [], 'no error but broken connections')
  })

  await t.test('rate and payload change what is published', async (t) => {
    const page = await openDemo(t, browser)
    await set(page, 'rate', 200)
    await set(page, 'size', 1024)
    const start = Number((await figures(page)).auto.messages)
    await everyLane(page, 'there is much', ({ messages }) => Number(messages) > start + 1000)
    await page.waitFor(() => document.querySelector('[data-server=rate]')?.textContent === '200')
    await nothingLost(t, page)
    t.same(page.console, [])
  })

  await t.test('each command that the page shows works', async (t) => {
    const page = await openDemo(t, browser)
    for (const lane of LANE_NAMES) {
      const command = await page.evaluate((lane: string) => document.querySelector(`#command-${lane}`)?.textContent ??
        '', lane)
      const address = /^curl -N '(http:.*)'$/.exec(command)?.[1] ?? ''
      const response = await fetch(address)
      t.equal(response.status, 200, command)
      let text = ''
      const decoder = new TextDecoder()
      for await (const chunk of response.body ?? []) {
        text += decoder.decode(chunk, { stream: true })
        if (/"channel":"(live|server)"/.test(text)) break
      }
      t.match(text, /"channel":"(live|server)"/, `${lane}: brings a message`)
    }
  })

  await t.test('nothing on the page moves while it lives', async (t) => {
    const page = await openDemo(t, browser)
    await page.click('[data-action=cut]')
    await flows(page)
    const shifted = await layoutShift(page)
    t.ok(shifted < 0.01, `layout shift of ${shifted}`)
    t.ok(
      await page.evaluate(() => PerformanceObserver.supportedEntryTypes.includes('layout-shift')), 'the browser tells'
    )
  })
})
