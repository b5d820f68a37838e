import t from 'tap'
import { Comet, type TransportName } from '../../../lib/client/index.ts'
import { nodeEnv } from '../../fixtures/client-env.ts'
import { cutOff, next, setUp } from '../../fixtures/client-setup.ts'
import { until } from '../../fixtures/until.ts'

const CHOICES: TransportName[][] = [['eventsource'], ['long-poll'], ['eventsource', 'long-poll']]

for (const transports of CHOICES) {
  t.test(`over ${transports.join(' or ')}`, async (t) => {
    t.test('opens nothing before the first subscribe', async (t) => {
      const { client, app } = await setUp(t)
      const comet = client({ transports })
      await new Promise(setImmediate)
      t.equal(comet.state, 'idle')
      t.equal(comet.transport, null)
      t.equal(comet.cursor, null)
      t.same(app.comet.stats().subscriptions, 0)
    })

    t.test('delivers history, then what is published, once and in order', async (t) => {
      const { client, app } = await setUp(t)
      for (const n of [1, 2, 3]) await app.comet.publish('a', n)
      const comet = client({ transports })
      const got: unknown[] = []
      comet.subscribe('a', (data) => { got.push(data) }, { history: 2 })
      await until(() => got.length === 2)
      t.equal(comet.state, 'open')
      t.equal(comet.transport, transports[0])
      for (let n = 4; n < 30; n++) await app.comet.publish('a', n)
      await until(() => got.length === 28)
      t.same(got, Array.from({ length: 28 }, (_, i) => i + 2))
      t.equal(comet.cursor, app.comet.cursor())
    })

    t.test('starts at the cursor given', async (t) => {
      const { client, app } = await setUp(t)
      await app.comet.publish('a', 1)
      const cursor = app.comet.cursor()
      await app.comet.publish('a', 2)
      const comet = client({ transports, cursor })
      const got: unknown[] = []
      comet.subscribe('a', (data) => { got.push(data) })
      await until(() => got.length)
      await app.comet.publish('a', 3)
      await until(() => got.length === 2)
      t.same(got, [2, 3])
    })

    t.test('goes on where it was when the connection is cut', async (t) => {
      const { client, app, proxy } = await setUp(t)
      const comet = client({ transports })
      const got: unknown[] = []
      comet.subscribe('a', (data) => { got.push(data) })
      await next(comet, 'state', (state) => state === 'open')
      await app.comet.publish('a', 1)
      await until(() => got.length === 1)
      await cutOff(comet, proxy)
      await app.comet.publish('a', 2)
      await until(() => got.length === 2, 'both have arrived', 2500)
      t.same(got, [1, 2])
      t.equal(comet.state, 'open')
    })

    t.test('adds channels to a running subscription, with their history, and the others miss nothing', async (t) => {
      const { client, app } = await setUp(t)
      for (const n of [1, 2, 3]) await app.comet.publish('b', n)
      const comet = client({ transports })
      const a: unknown[] = []
      const b: unknown[] = []
      comet.subscribe('a', (data) => { a.push(data) })
      await next(comet, 'state', (state) => state === 'open')
      comet.subscribe('b', (data) => { b.push(data) }, { history: 2 })
      for (let n = 0; n < 50; n++) {
        await app.comet.publish('a', n)
        await new Promise((resolve) => { setTimeout(resolve, 1) })
      }
      await app.comet.publish('b', 4)
      await until(() => b.length === 3 && a.length === 50)
      t.same(a, Array.from({ length: 50 }, (_, i) => i))
      t.same(b, [2, 3, 4])
    })

    t.test('leaves channels that nobody listens to any more', async (t) => {
      const { client, app } = await setUp(t, { presenceGrace: 100 })
      const comet = client({ transports })
      const undo = comet.subscribe('a', () => {})
      comet.subscribe('b', () => {})
      await until(() => app.comet.subscribers('a').length === 1)
      undo()
      await until(() => app.comet.subscribers('a').length === 0)
      t.equal(app.comet.subscribers('b').length, 1)
    })

    t.test('is idle when everything is unsubscribed, and starts anew at the next subscribe', async (t) => {
      const { client, app } = await setUp(t)
      const comet = client({ transports })
      const got: unknown[] = []
      const undo = comet.subscribe('a', () => {})
      await next(comet, 'state', (state) => state === 'open')
      undo()
      await next(comet, 'state', (state) => state === 'idle')
      t.equal(comet.cursor, null)
      await app.comet.publish('a', 1)
      comet.subscribe('a', (data) => { got.push(data) })
      await next(comet, 'state', (state) => state === 'open')
      await app.comet.publish('a', 2)
      await until(() => got.length)
      t.same(got, [2])
    })

    t.test('gives a late subscriber its history and then the same as the others', async (t) => {
      const { client, app } = await setUp(t)
      const comet = client({ transports })
      const early: unknown[] = []
      const late: unknown[] = []
      comet.subscribe('a', (data) => { early.push(data) })
      await next(comet, 'state', (state) => state === 'open')
      for (let n = 0; n < 10; n++) await app.comet.publish('a', n)
      comet.subscribe('a', (data) => { late.push(data) }, { history: 5 })
      for (let n = 10; n < 40; n++) {
        await app.comet.publish('a', n)
        await new Promise((resolve) => { setTimeout(resolve, 1) })
      }
      await until(() => early.length === 40 && late.at(-1) === 39)
      const from = late[0] as number
      t.ok(from <= 10, 'not less than what was asked for')
      t.same(late, Array.from({ length: 40 - from }, (_, i) => i + from))
    })

    t.test('tells which channels are denied, and carries the others', async (t) => {
      const { client, app } = await setUp(t, { authorize: () => ({ channels: ['a'] }) })
      const comet = client({ transports })
      const got: unknown[] = []
      const denied = next(comet, 'denied')
      comet.subscribe('a', (data) => { got.push(data) })
      comet.subscribe('secret', () => { t.fail() })
      t.same(await denied, { channels: ['secret'] })
      await app.comet.publish('secret', 1)
      await app.comet.publish('a', 1)
      await until(() => got.length)
      const again = next(comet, 'denied')
      comet.subscribe('other', () => { t.fail() })
      t.same(await again, { channels: ['other'] })
      await app.comet.publish('a', 2)
      await until(() => got.length === 2)
      t.equal(comet.state, 'open')
    })

    t.test('ends with an error that says why, where nothing is allowed', async (t) => {
      const { client } = await setUp(t, { authorize: () => false })
      const comet = client({ transports })
      comet.subscribe('a', () => {})
      t.match(await next(comet, 'error'), { statusCode: 403, code: /^COMET_ERR_/, message: /./ })
      t.equal(comet.state, 'closed')
    })

    t.test('waits where the server says that it is busy', async (t) => {
      const { client, proxy, app } = await setUp(t)
      proxy.behave({ does: 'refuse', status: 503 })
      const comet = client({ transports })
      const got: unknown[] = []
      comet.subscribe('a', (data) => { got.push(data) })
      await next(comet, 'state', (state) => state === 'waiting')
      proxy.behave({ does: 'forward' })
      await next(comet, 'state', (state) => state === 'open')
      await app.comet.publish('a', 1)
      await until(() => got.length)
      t.same(got, [1])
    })

    t.test('does not come back when it was disconnected', async (t) => {
      const { client, app } = await setUp(t)
      const comet = client({ transports })
      comet.subscribe('a', () => {})
      await next(comet, 'state', (state) => state === 'open')
      const error = next(comet, 'error')
      app.comet.disconnect({ channel: 'a' })
      t.match(await error, { code: 'COMET_ERR_CLOSED' })
      t.equal(comet.state, 'closed')
    })

    t.test('asks for parameters and headers at each connect', async (t) => {
      const seen: string[] = []
      const { client, proxy } = await setUp(t, {
        authorize: (request) => {
          seen.push(`${(request.query as { ticket: string }).ticket} ${request.headers['x-token']}`)
          return true
        }
      })
      let n = 0
      const comet = client({
        transports,
        params: async () => ({ ticket: n++ }),
        headers: () =>
          ({ 'x-token': 'secret' })
      })
      comet.subscribe('a', () => {})
      await next(comet, 'state', (state) => state === 'open')
      await cutOff(comet, proxy)
      await next(comet, 'state', (state) => state === 'open')
      t.ok(seen.length >= 2)
      t.same(new Set(seen).size, seen.length)
      t.ok(seen.every((one) => one.endsWith(' secret')))
    })

    t.test('resumes after a server has restarted, and tells the gap', async (t) => {
      const { client, app, proxy } = await setUp(t)
      const other = await setUp(t)
      const comet = client({ transports })
      const got: unknown[] = []
      const gaps: unknown[] = []
      comet.subscribe('a', (data) => { got.push(data) }, { onGap: (gap) => { gaps.push(gap) } })
      await next(comet, 'state', (state) => state === 'open')
      await app.comet.publish('a', 1)
      await until(() => got.length)
      await other.app.comet.publish('a', 2)
      Object.assign(proxy, { originPort: other.port })
      await cutOff(comet, proxy)
      await until(() => got.length === 2)
      t.same(got, [1, 2])
      t.match(gaps, [{ channels: ['a'], reason: 'restarted' }])
    })

    t.test('publishes', async (t) => {
      const { client, app } = await setUp(t)
      const comet = client({ transports })
      const id = await comet.publish('a', { n: 1 })
      const { messages } = await app.comet.history('a')
      t.match(messages, [{ id, data: { n: 1 } }])
      const cycle: { itself?: unknown } = {}
      cycle.itself = cycle
      for (const wrong of [undefined, cycle, 1n]) {
        await t.rejects(comet.publish('a', wrong), { code: 'COMET_ERR_INVALID' })
      }
    })

    t.test('publishes once what it has to send twice, each call under a key of its own', async (t) => {
      const { client, app, proxy } = await setUp(t)
      const comet = client({ transports })
      proxy.behave({ does: 'swallow' })
      const id = await comet.publish('a', 1)
      t.not(await comet.publish('a', 1), id)
      t.match((await app.comet.history('a')).messages.map((message) => message.id), [id, /./])
    })

    t.test('iterates over a channel until the client is closed', async (t) => {
      const { client, app } = await setUp(t)
      const comet = client({ transports })
      const got: unknown[] = []
      const looped = (async () => {
        for await (const message of comet.channel('a')) got.push(message.data)
      })()
      await next(comet, 'state', (state) => state === 'open')
      await app.comet.publish('a', 1)
      await app.comet.publish('a', 2)
      await until(() => got.length === 2)
      comet.close()
      await looped
      t.same(got, [1, 2])
    })
  })
}

t.test('a listener that throws does not disturb the others', async (t) => {
  const { client, app } = await setUp(t)
  const thrown: unknown[] = []
  const later = ((task: () => void, ms: number) => setTimeout(() => {
    try {
      task()
    } catch (error) {
      thrown.push(error)
    }
  }, ms)) as unknown as typeof setTimeout
  const comet = client({}, { setTimeout: later as never })
  const got: unknown[] = []
  comet.subscribe('a', () => { throw new Error('a mistake') })
  comet.subscribe('a', (data) => { got.push(data) })
  await next(comet, 'state', (state) => state === 'open')
  await app.comet.publish('a', 1)
  await until(() => got.length && thrown.length)
  t.match(thrown, [{ message: 'a mistake' }])
})

t.test('falls back to polls behind something that holds streams back, and returns when it lets go', async (t) => {
  const { client, app, proxy } = await setUp(t)
  proxy.behave((target) => target.includes('eventsource') ? { does: 'hold', direction: 'down' } : { does: 'forward' })
  const started = Date.now()
  const changes: unknown[] = []
  // Fifteen seconds to the first probe are too long for a test.
  const quick = ((task: () => void, ms: number) => setTimeout(task, ms >= 15_000 && ms < 25_000 ? 300 : ms)) as never
  const comet = client({}, { setTimeout: quick })
  comet.on('transport', (change) => { changes.push(change) })
  const got: unknown[] = []
  comet.subscribe('a', (data) => { got.push(data) })
  await app.comet.publish('a', 'before')
  await next(comet, 'state', (state) => state === 'open')
  await app.comet.publish('a', 1)
  await until(() => got.includes(1))
  t.ok(Date.now() - started < 2000, 'the deadline is shorter on a quick network')
  t.equal(comet.transport, 'long-poll')
  proxy.behave({ does: 'forward' })
  await until(() => comet.transport === 'eventsource')
  await app.comet.publish('a', 2)
  await until(() => got.includes(2))
  t.same(got.filter((one) => one !== 'before'), [1, 2])
  t.match(changes, [
    { from: null, to: 'long-poll', reason: 'fallback' }, { from: 'long-poll', to: 'eventsource', reason: 'upgrade' }
  ])
})

t.test('a URL without a host is refused where there is no page that it could belong to', async (t) => {
  const refusal = {
    name: 'TypeError', code: 'COMET_ERR_INVALID', message: /^url must be absolute outside a browser, not "/
  }
  for (const url of ['/comet', 'comet', '', '//127.0.0.1/comet', 'ftp://127.0.0.1/comet']) {
    t.throws(() => new Comet(url, {}, nodeEnv()), refusal)
  }
  t.equal(new Comet('/comet', {}, nodeEnv({ location: new URL('http://page.example/') as never })).state, 'idle')
  t.equal(new Comet('HTTPS://127.0.0.1/comet', {}, nodeEnv()).state, 'idle')
})

for (const Promise of [globalThis.Promise, undefined]) {
  t.test(`publish rejects wrong arguments ${Promise ? 'and throws nothing' : 'where there are no promises'}`, (t) => {
    const comet = new Comet('http://127.0.0.1:1/comet', {}, nodeEnv({ Promise }))
    const calls: [wrong: unknown[], message: RegExp][] = [
      [['', 1], /^channel must be/], [[5, 1], /^channel must be/], [['a', 1, { key: '\ud800' }], /^key must be/],
      [['a', 1, { foo: 1 }], /^an option of publish must be/], [['a', 1, null], /^the options of publish must be/]
    ]
    let pending = calls.length
    t.plan(pending)
    for (const [wrong, message] of calls) {
      comet.publish(...wrong as [string, unknown]).then(t.fail, (reason: unknown) => {
        t.match(reason, { name: 'TypeError', code: 'COMET_ERR_INVALID', message })
        if (!--pending) comet.close()
      })
    }
  })
}

t.test('refuses wrong options and arguments', async (t) => {
  const wrong: [object, RegExp][] = [
    [{ transports: ['websocket'] }, /transports must be/],
    [{ transports: [] }, /transports must be/],
    [{ firstFrameTimeout: '1' }, /firstFrameTimeout must be/],
    [{ cursor: 'a b' }, /cursor must be/],
    [{ params: {} }, /params must be a function/],
    [{ upgrade: 1 }, /upgrade must be a boolean/],
    [{ retries: 3 }, /one of transports.*retries/]
  ]
  for (const [options, message] of wrong) t.throws(() => new Comet('/comet', options), { name: 'TypeError', message })
  t.throws(() => new Comet('/comet?x=1'), { name: 'TypeError' })
  const { client } = await setUp(t)
  const comet = client()
  t.throws(() => comet.subscribe('', () => {}), /channel/)
  t.throws(() => comet.subscribe('\u{1F600}'.repeat(256), () => {}), /channel/)
  t.doesNotThrow(
    () => comet.subscribe('\u{1F600}'.repeat(255), () => {}), 'its characters are counted, not their halves'
  )
  t.throws(() => comet.subscribe('a', 'no' as never), /listener/)
  t.throws(() => comet.subscribe('a', () => {}, { history: -1 }), /history/)
  t.throws(() => comet.on('open' as never, () => {}), /event/)
  const refusal = (message: RegExp) => ({ name: 'TypeError', code: 'COMET_ERR_INVALID', message })
  t.throws(() => comet.subscribe('', () => {}), refusal(/^channel must be .*, not ""$/))
  t.throws(() => comet.subscribe('a', () => {}, { replay: 3 } as never), refusal(
    /^an option of subscribe must be one of history, signal, onGap, not "replay"$/
  ))
  t.throws(
    () => comet.subscribe('a', () => {}, 3 as never), refusal(/^the options of subscribe must be an object, not 3$/)
  )
  t.throws(() => comet.subscribe('a', () => {}, { onGap: 1 as never }), refusal(/^onGap must be a function, not 1$/))
  t.throws(
    () => comet.subscribe('a', () => {}, { signal: {} as never }), refusal(/^signal must be an AbortSignal, not {}$/)
  )
  await t.rejects(
    comet.publish('a', 1, { id: 'x' } as never), refusal(/^an option of publish must be one of key, not "id"$/)
  )
  await t.rejects(comet.publish('a', 1, { key: '' }), refusal(/^key must be .*, not ""$/))
  t.throws(() => comet.on('state', () => {}, { once: true } as never), refusal(
    /^the options of on must be absent, not {"once":true}$/
  ))
  t.doesNotThrow(() => comet.subscribe('a', () => {}, { history: undefined as never }))
})
