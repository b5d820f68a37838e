import { setTimeout as pause } from 'node:timers/promises'
import t from 'tap'
import { chromium } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { openLanes } from './lane-page.ts'
import { line, sample, warmUp, wrongs } from './soak.ts'
import { startDemo } from './start.ts'

const LASTS = 15_000
// Fifteen seconds of twelve thousand messages: keeping each of them would take four times as much.
const HEAP_BYTES = 1024 * 1024

t.test('at 200 messages a second the page and its frames stay as they are', async (t) => {
  if (!needs(t, 'chromium')) return
  const { url } = await startDemo(t)
  const browser = await chromium.launch()
  t.teardown(() => browser.close())
  const page = await openLanes(browser, url)
  await warmUp(page)
  const first = await sample(page)
  await pause(LASTS)
  const last = await sample(page)
  t.comment(line(first))
  t.comment(line(last))
  for (const lane of Object.values(last.lanes)) t.ok(lane.messages > 2000, 'it was under load')
  t.same(wrongs(first, last, HEAP_BYTES), [])
  t.same(page.console, [])
})
