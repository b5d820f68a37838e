// The demo's front page for so many minutes, at 200 messages a second, in Chromium: `npm run long -- demo 60`.
//
// It prints a line a minute. Of the page and of the frame of its iframe lane: what scripts, DOM and buffers hold after
// a garbage collection, nodes and listeners. Of each lane: messages, and where there are any, how many were lost, came
// repeated, and how many gaps were told.
import { setTimeout as pause } from 'node:timers/promises'
import { buildApp } from '../../demo/app.ts'
import { chromium } from '../fixtures/browsers.ts'
import { faults, openLanes } from '../demo/lane-page.ts'
import { line, sample, warmUp, wrongs } from '../demo/soak.ts'
import { PAGES } from '../demo/start.ts'
import { minutes, say, verdict } from './verdict.ts'

const MINUTE = 60_000
const MAY_GROW = 1024 * 1024
// By then the charts, which show a minute, are full, and all code is compiled.
const SETTLED = 2

const lasts = minutes(60)
const app = await buildApp({ root: PAGES })
const browser = await chromium.launch()
const page = await openLanes(browser, await app.listen({ host: '127.0.0.1', port: 0 }))
await warmUp(page)

const start = performance.now()
let first = await sample(page)
let last = first
for (let minute = 1; minute <= lasts; minute++) {
  await pause(start + minute * MINUTE - performance.now())
  last = await sample(page)
  if (minute <= SETTLED) first = last
  say(`minute ${minute}: ${line(last)}`)
}
const found = [...wrongs(first, last, MAY_GROW), ...faults(page)]
await browser.close()
await app.close()
verdict([
  [found.length === 0 ? 'nothing lost or repeated, no gap, nothing grew' : found.join(', '), found.length === 0]
])
