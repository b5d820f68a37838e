// The demo's clock for so many minutes, in three browsers and on every transport, while its server is busy for 800 ms
// every 20 s: `npm run long -- clock 10`. Each page must show each second once, in order.
import { setTimeout as pause } from 'node:timers/promises'
import { buildApp } from '../../demo/app.ts'
import { engines } from '../fixtures/browsers.ts'
import type { Page } from '../fixtures/browsers.ts'
import { PAGES } from '../demo/start.ts'
import { minutes, say, verdict } from './verdict.ts'

const MINUTE = 60_000
const SECOND = 1000
const BLOCK = { every: 20_000, ms: 800 }
const TRANSPORTS = ['iframe', 'long-poll', 'eventsource', 'auto']

interface Watched { name: string, page: Page }

/** What a page showed: each second, ms since the epoch, and how long it took to be shown, ms. */
interface Shown { second: number, late: number }

const lasts = minutes(10)
const app = await buildApp({ root: PAGES })
const url = await app.listen({ host: '127.0.0.1', port: 0 })
const said: number[] = []
app.comet.subscribe('clock', ({ data }) => { said.push((data as { time: number }).time) })
const browsers = await Promise.all(engines.map((engine) => engine.launch()))
const pages = (await Promise.all(browsers.map(openPages))).flat()
const blocking = setInterval(block, BLOCK.every)
say(`${pages.length} pages are open`)

for (let minute = 1; minute <= lasts; minute++) {
  await pause(MINUTE)
  say(`minute ${minute}: ${said.length} seconds said`)
}
clearInterval(blocking)
// What was said last is shown by then.
await pause(5 * SECOND)
const findings = [judge('the server says', said), ...await Promise.all(pages.map(judgePage))]
await Promise.all(browsers.map((browser) => browser.close()))
await app.close()
verdict(findings)

async function openPages (
  browser: Awaited<ReturnType<(typeof engines)[number]['launch']>>, index: number
): Promise<Watched[]> {
  const opened: Watched[] = []
  for (const transport of TRANSPORTS) {
    const page = await browser.open(`${url}/clock?transport=${transport}`)
    await page.evaluate(watch)
    opened.push({ name: `${engines[index]?.name} ${transport}`, page })
  }
  return opened
}

/**
 * Notes in the page what its clock shows. What is replaced in the same task nobody could see, and it does not count.
 */
function watch (): void {
  const clock = document.querySelector('[data-clock]') as HTMLTimeElement
  const shown: Shown[] = []
  Object.assign(globalThis, { shown })
  new MutationObserver(() => {
    const second = Date.parse(clock.dateTime)
    shown.push({ second, late: Date.now() - second })
  }).observe(clock, { childList: true, characterData: true, subtree: true })
}

function block (): void {
  const end = performance.now() + BLOCK.ms
  while (performance.now() < end);
}

async function judgePage ({ name, page }: Watched): Promise<[string, boolean]> {
  const shown = await page.evaluate(() => (globalThis as unknown as { shown: Shown[] }).shown)
  const lates = shown.map(({ late }) => late).sort((a, b) => a - b)
  const [what, isRight] = judge(`${name} shows`, shown.map(({ second }) => second))
  const isUpToDate = shown.length > lasts * 60 - 1 && Number(shown.at(-1)?.second) >= Number(said.at(-1)) - SECOND
  return [`${what}, late by ${lates[Math.floor(lates.length / 2)]} ms (p50), ${lates.at(-1)} ms (most)${isUpToDate
    ? ''
    : ', NOT up to the end'}`, isRight && isUpToDate]
}

/** Whether each second comes once, after the one before it. */
function judge (who: string, seconds: number[]): [string, boolean] {
  const wrong = seconds.filter((second, index) => index > 0 && second - Number(seconds[index - 1]) !== SECOND)
  const holes = wrong.map((second) => new Date(second).toISOString()).slice(0, 5)
  return [`${who} ${seconds.length} seconds, ${wrong.length === 0
    ? 'each once and in order'
    : `wrong at ${holes.join(', ')}`}`, wrong.length === 0]
}
