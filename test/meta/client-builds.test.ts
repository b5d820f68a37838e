// What is built must do what its source does: it is bundled, minified and, as the classic script, lowered to ES5.
import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import t from 'tap'
import type { Test } from 'tap'
import type { Comet as Source } from '../../lib/client/index.ts'
import type { Env } from '../../lib/client/browser/env.ts'
import { type CometOptions, type TransportName } from '../../lib/client/index.ts'
import { nodeEnv } from '../fixtures/client-env.ts'
import { cutOff, next, setUp, type Setup } from '../fixtures/client-setup.ts'
import { until } from '../fixtures/until.ts'

const builds: Record<string, () => Promise<typeof Source>> = {
  'client.mjs': async () =>
    (await import(new URL('../../dist/client/client.mjs', import.meta.url).href) as { Comet: typeof Source }).Comet,
  'client.js': async () => {
    const page = { self: {} as { Comet: typeof Source }, Uint8Array }
    runInNewContext(readFileSync(new URL('../../dist/client/client.js', import.meta.url), 'utf8'), page)
    return page.self.Comet
  }
}

for (const [name, load] of Object.entries(builds)) {
  t.test(name, async (t) => {
    const Comet = await load()
    const open = (t: Test, { proxy }: Setup, options: CometOptions, surroundings: Partial<Env> = {}) => {
      const comet = new Comet(`http://127.0.0.1:${proxy.port}/comet`, options, nodeEnv(surroundings))
      t.teardown(() => { comet.close() })
      return comet
    }

    for (const transport of ['eventsource', 'long-poll'] satisfies TransportName[]) {
      t.test(`delivers over ${transport}, is cut, and goes on`, async (t) => {
        const setup = await setUp(t)
        const { app, proxy } = setup
        for (const n of [1, 2, 3]) await app.comet.publish('a', n)
        const comet = open(t, setup, { transports: [transport] })
        const told: Record<string, unknown[]> = { a: [], late: [], b: [], transport: [] }
        const tell = (name: string) => (value: unknown) => { told[name]?.push(value) }
        comet.on('transport', tell('transport'))
        const undo = comet.subscribe('a', tell('a'), { history: 2 })
        await until(() => comet.state === 'open' && told['a']?.length === 2)
        comet.subscribe('a', tell('late'), { history: 3 })
        comet.subscribe('b', tell('b'), { history: 1 })
        await until(() => told['late']?.length === 3)
        t.equal(comet.cursor, app.comet.cursor())
        await cutOff(comet, proxy)
        const id = await comet.publish('b', 4, { key: 'once' })
        t.equal(await comet.publish('b', 4, { key: 'once' }), id)
        undo()
        await app.comet.publish('a', 5)
        await until(() => told['late']?.length === 4 && told['b']?.length === 1)
        t.same(told, {
          a: [2, 3], late: [1, 2, 3, 5], b: [4], transport: [{ from: null, to: transport, reason: 'start' }]
        })
      })
    }

    t.test('sends params and headers, and tells what is denied and missing', async (t) => {
      const setup = await setUp(t, {
        authorize: (request, { action }) => action === 'publish' ||
        (request.headers['x-token'] === 'b' && request.url.includes('ticket=c') && { channels: ['a'] })
      })
      const other = await setUp(t)
      const comet = open(t, setup, { params: async () => ({ ticket: 'c' }), headers: () => ({ 'x-token': 'b' }) })
      const denied = next(comet, 'denied')
      comet.subscribe('a', () => {})
      comet.subscribe('secret', () => {})
      t.same(await denied, { channels: ['secret'] })
      const gap = next(comet, 'gap')
      Object.assign(setup.proxy, { originPort: other.port })
      await cutOff(comet, setup.proxy)
      t.match(await gap, { channels: ['a'], reason: 'restarted', cursor: /./ })
    })

    t.test('ends with an error that says why', async (t) => {
      const setup = await setUp(t, { authorize: () => false })
      const comet = open(t, setup, {})
      comet.subscribe('a', () => {})
      t.match(await next(comet, 'error'), { statusCode: 403, code: 'COMET_ERR_FORBIDDEN' })
      t.equal(comet.state, 'closed')
      t.equal(comet.transport, null)
      await t.rejects(comet.publish('a', 1), { code: 'COMET_ERR_FORBIDDEN' })
    })

    t.test('checks its connection when the network changes', async (t) => {
      const setup = await setUp(t)
      const connection = new EventTarget()
      let checks = 0
      const comet = open(t, setup, { params: () => ({ check: checks++ }) }, {
        navigator: { connection } as unknown as Navigator, addEventListener: () => {}
      })
      comet.subscribe('a', () => {})
      await until(() => comet.state === 'open')
      const before = checks
      connection.dispatchEvent(new Event('change'))
      await until(() => checks > before)
    })

    t.test('publishes where there are no promises, once, and tells the id to whom it concerns', async (t) => {
      let requests = 0
      const setup = await setUp(t, { authorize: () => requests++ === 0 })
      const comet = open(t, setup, {}, { Promise: undefined })
      const sent = comet.publish('a', 1)
      await until(() => setup.app.comet.stats().published === 1)
      const ids: unknown[] = []
      for (let n = 0; n < 3; n++) sent.then((id) => { ids.push(id) }, t.fail)
      await until(() => ids.length === 3)
      t.same(ids, Array(3).fill(setup.app.comet.cursor()))
      sent.then((id) => { ids.push(id) }, t.fail)
      t.equal(ids.length, 4, 'at once, once it is known')
      t.equal(requests, 1)
    })

    t.test('refuses what is wrong', async (t) => {
      t.throws(() => new Comet('/comet', { upgrade: 1 as never }), {
        name: 'TypeError', code: 'COMET_ERR_INVALID', message: /upgrade must be a boolean/
      })
    })
  })
}

t.test('client.mjs iterates over a channel', async (t) => {
  const setup = await setUp(t)
  const Comet = await (builds['client.mjs'] as () => Promise<typeof Source>)()
  const comet = new Comet(`http://127.0.0.1:${setup.port}/comet`, {}, nodeEnv())
  comet.on('state', async (state) => { if (state === 'open') await setup.app.comet.publish('a', 1) })
  for await (const message of comet.channel('a')) {
    t.match(message, { channel: 'a', data: 1, id: setup.app.comet.cursor() })
    comet.close()
  }
})
