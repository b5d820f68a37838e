import t from 'tap'
import { publish } from '../../../../lib/client/connection/publish.ts'
import { memoryBrowser } from '../../../fixtures/client-in-memory.ts'

function setUp (overrides = {}) {
  const browser = memoryBrowser({ Promise, ...overrides })
  return {
    ...browser, publish: (...args: [string, unknown, { key?: string }?]) => publish(browser.settings(), ...args)
  }
}

t.test('posts once and resolves to the id', async (t) => {
  const { publish, last, requests } = setUp()
  const sent = publish('a', { n: 1 }, { key: 'k' })
  t.match(last(), { method: 'POST', url: '/comet/publish', headers: { 'Content-Type': 'application/json' } })
  t.same(JSON.parse(String(last().body)), { channel: 'a', data: { n: 1 }, key: 'k' })
  last().answer(201, { id: 'e-1' })
  t.equal(await sent, 'e-1')
  t.equal(await sent, 'e-1')
  t.equal(requests.length, 1)
})

t.test('without an answer, it posts the same once more', async (t) => {
  const { publish, last, requests, time } = setUp()
  const sent = publish('a', 1)
  last().answer(0)
  time.pass(500)
  t.equal(requests.length, 2)
  t.equal(requests[0]?.body, requests[1]?.body, 'with the same key')
  last().answer(0)
  time.pass(60_000)
  t.equal(requests.length, 2)
  await t.rejects(sent, { code: 'COMET_ERR_NETWORK' })
})

t.test('rejects what the server refuses, and wrong arguments without a request', async (t) => {
  const { publish, last, requests } = setUp()
  const sent = publish('a', 1)
  last().answer(403, { code: 'COMET_ERR_FORBIDDEN', message: 'no' })
  await t.rejects(sent, { code: 'COMET_ERR_FORBIDDEN', message: 'no', statusCode: 403 })
  await t.rejects(publish('', 1), { code: 'COMET_ERR_INVALID', message: /^channel must be/ })
  await t.rejects(publish('a', () => {}), { code: 'COMET_ERR_INVALID', message: /^data must be a JSON value/ })
  await t.rejects(publish('a', 1, { kye: 'k' } as never), { message: /an option of publish must be one of key/ })
  t.equal(requests.length, 1)
})

t.test('without Promise, any number of calls of `then` post once', async (t) => {
  const { publish, last, requests } = setUp({ Promise: undefined })
  const sent = publish('a', 1)
  const ids: string[] = []
  sent.then((id) => { ids.push(id) }, t.fail)
  sent.then((id) => { ids.push(id) }, t.fail)
  last().answer(201, { id: 'e-1' })
  sent.then((id) => { ids.push(id) }, t.fail)
  t.same(ids, ['e-1', 'e-1', 'e-1'])
  t.equal(requests.length, 1)
})
