import { fileURLToPath } from 'node:url'
import t from 'tap'
import type { Test } from 'tap'
import { chromium } from '../fixtures/browsers.ts'
import type { Page } from '../fixtures/browsers.ts'
import { needs } from '../fixtures/requirement.ts'
import { startBroker } from '../../demo/nodes/broker.ts'
import type { BrokerName } from '../../demo/nodes/command-line.ts'
import { everyLane, faults, flows, nothingLost, openLanes } from './lane-page.ts'
import { startDemo } from './start.ts'

const PROGRAM = fileURLToPath(new URL('../../build/demo/node.js', import.meta.url))
const PATIENCE = { timeout: 60_000 }

/** The address of a demo on three nodes. */
async function startNodes (t: Test, broker: BrokerName): Promise<string> {
  const { url } = await startDemo(t, {
    nodes: { count: 3, broker: await startBroker(broker, undefined), program: PROGRAM }
  })
  return url
}

const away = (page: Page, is: boolean): Promise<boolean> => page.waitFor((is: boolean) =>
  / is down/.test(document.querySelector('[data-server=nodes]')?.textContent ?? '') === is, PATIENCE, is)

for (const broker of ['redis', 'nats'] as const) {
  t.test(`three nodes over ${broker}: they are killed, restarted, and nothing is lost`, async (t) => {
    if (!needs(t, 'chromium', broker)) return
    const browser = await chromium.launch()
    t.teardown(() => browser.close())
    const page = await openLanes(browser, await startNodes(t, broker))

    await everyLane(page, 'each says where it is', ({ node }) => /^[ABC]$/.test(node ?? ''))
    t.ok(await page.waitFor(() => /A \d+, B \d+, C \d+/.test(
      document.querySelector('[data-lane=long-poll] [data-note=nodes]')?.textContent ?? ''
    ), PATIENCE), 'polls go to all of them')

    await page.click('[data-action=kill]')
    t.ok(await away(page, true), 'one is down')
    await page.click('[data-action=burst]')
    await flows(page)
    t.ok(await away(page, false), 'and comes back')

    await page.click('[data-action=restart]')
    await flows(page)
    t.same(Object.values(await nothingLost(t, page)).map(({ gaps }) => gaps), ['0', '0', '0', '0'])
    t.same(faults(page), [], 'no error but broken connections')
  })

  t.test(`three nodes over ${broker}: chat and clock are behind the balancer`, async (t) => {
    if (!needs(t, broker)) return
    const url = await startNodes(t, broker)
    const answers = new Set<string | null>()
    const line = { channel: 'chat', data: { from: 'Ada', text: 'hello' } }
    for (let i = 0; i < 50 && answers.size < 3; i++) {
      const response = await fetch(`${url}/comet/publish`, {
        method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(line)
      })
      t.equal(response.status, 201)
      answers.add(response.headers.get('x-demo-node'))
    }
    t.equal(answers.size, 3, 'any node takes a line')
    t.match(await (await fetch(`${url}/comet/long-poll?channel=chat&channel=clock&history=1`)).text(), '"text":"hello"')
    t.equal((await fetch(`${url}/comet/publish`, {
      method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"channel":"live","data":1}'
    })).status, 403)
  })
}
