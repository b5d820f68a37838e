import t from 'tap'
import { engines } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { LANE_NAMES } from '../../demo/lanes.ts'
import { everyLane, nothingLost, openLanes } from './lane-page.ts'
import { startDemo } from './start.ts'

for (const engine of engines) {
  t.test(`${engine.name}: four lanes receive the same, on their transports`, async (t) => {
    if (!needs(t, engine.name)) return
    const { url } = await startDemo(t)
    const browser = await engine.launch()
    t.teardown(() => browser.close())
    const page = await openLanes(browser, url)
    await everyLane(page, 'latencies are known', ({ p50, p99 }) => Number(p50) >= 0 && Number(p99) >= Number(p50))
    const lanes = await nothingLost(t, page)
    t.same(Object.keys(lanes), LANE_NAMES)
    t.same(Object.values(lanes).map(({ transport }) => transport), [
      'iframe', 'long-poll', 'eventsource', 'eventsource'
    ])
    for (const { gaps, reconnects } of Object.values(lanes)) t.same([gaps, reconnects], ['0', '0'])
    t.same(page.console, [], 'no console error')
  })
}
