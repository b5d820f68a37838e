// The front page, as its tests see it.
import type { Test } from 'tap'
import type { Browser, Page } from '../fixtures/browsers.ts'
import type { Action, LaneName } from '../../demo/lanes.ts'

type Figures = Record<'messages'
  | 'lost'
  | 'repeated'
  | 'gaps'
  | 'reconnects'
  | 'p50'
  | 'p99'
  | 'transport'
  | 'state', string> & { node?: string }

/** What each lane shows. */
export const figures = (page: Page): Promise<Record<LaneName, Figures>> => page.evaluate(() => Object.fromEntries(
  Array.from(document.querySelectorAll<HTMLElement>('[data-lane]'), (lane) => [lane.dataset.lane, Object.fromEntries(
    Array.from(lane.querySelectorAll<HTMLElement>('[data-figure]'), (figure) =>
      [figure.dataset.figure, figure.textContent])
  )])
)) as Promise<Record<LaneName, Figures>>

/** Resolves when that is true of every lane. */
export async function everyLane (
  page: Page, what: string, is: (figures: Figures) => boolean, timeout = 30_000
): Promise<void> {
  const deadline = performance.now() + timeout
  for (;;) {
    const lanes = await figures(page)
    if (Object.values(lanes).every(is)) return
    if (performance.now() > deadline) throw new Error(`Waited in vain until ${what}: ${JSON.stringify(lanes)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Opens the front page and waits until all lanes receive. */
export async function openLanes (browser: Browser, url: string): Promise<Page> {
  const page = await browser.open(url)
  await everyLane(page, 'messages come', ({ state, messages }) => state === 'open' && Number(messages) > 3)
  return page
}

/** Resolves when every lane has received more messages from now on. */
export async function flows (page: Page): Promise<void> {
  const before = await figures(page)
  const most = Math.max(...Object.values(before).map(({ messages }) => Number(messages)))
  await everyLane(page, 'messages come again', ({ state, messages }) => state === 'open' &&
    Number(messages) > most + 10)
}

/** Checks that no lane lost or repeated anything. Returns what they show. */
export async function nothingLost (t: Test, page: Page): Promise<Record<LaneName, Figures>> {
  const lanes = await figures(page)
  for (const [lane, { lost, repeated }] of Object.entries(lanes)) {
    t.equal(lost, '0', `${lane}: nothing lost`)
    t.equal(repeated, '0', `${lane}: nothing repeated`)
  }
  return lanes
}

/** Sets a control of the page, as a hand would. */
export const set = (page: Page, name: 'rate' | 'size', value: number): Promise<void> =>
  page.evaluate((name: string, value: number) => {
    const control = document.querySelector(`[data-control=${name}]`) as HTMLInputElement
    control.value = String(value)
    control.dispatchEvent(new Event('change'))
  }, name, value)

/** Tells the demo's server what to do, without a page. */
export async function control (url: string, action: Action, value: number): Promise<void> {
  const response = await fetch(`${url}/control/${action}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ value })
  })
  if (!response.ok) throw new Error(`${action}: ${await response.text()}`)
}

/** How much of the page has moved by itself so far, as Chromium's layout instability score. */
export const layoutShift = (page: Page): Promise<number> => page.evaluate(() => new Promise<number>((resolve) => {
  let sum = 0
  new PerformanceObserver((list) => {
    sum += list.getEntries().reduce((sum, entry) => sum + Number(Reflect.get(entry, 'value')), 0)
  }).observe({ type: 'layout-shift', buffered: true })
  setTimeout(() => resolve(sum), 500)
}))

/** Errors of the page, without those by which a browser tells that a connection broke: breaking them is the demo. */
export const faults = (page: Page): string[] =>
  page.console.filter((line) => !/^Failed to load resource: (net::|.* status of 502)/.test(line))
