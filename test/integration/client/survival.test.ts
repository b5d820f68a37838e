// Whatever the application or the browser throws, the client says so and goes on, or closes.
import t from 'tap'
import type { CometError, CometOptions, TransportName } from '../../../lib/client/index.ts'
import type { Env } from '../../../lib/client/browser/env.ts'
import { FetchRequest } from '../../fixtures/client-env.ts'
import { cutOff, next, setUp } from '../../fixtures/client-setup.ts'
import { until } from '../../fixtures/until.ts'

/** What is wrong at the first time, and right from then on. */
function firstTime<T> (wrong: () => T, right: T): () => T {
  let isFirst = true
  return () => {
    if (!isFirst) return right
    isFirst = false
    return wrong()
  }
}

/** The first reconnect comes within 0.2 s. */
const soon = ((task: () => void, ms: number) => setTimeout(task, ms / 10)) as never

const thrown = (): never => { throw new Error('a mistake') }
// Outside Latin-1, which is all that a header may have.
const unsendable = { 'x-user': '\u0141ukasz' }

class PickyRequest extends FetchRequest {
  override setRequestHeader (name: string, value: string): void {
    super.setRequestHeader(name, new Headers({ [name]: value }).get(name) as string)
  }
}

const MISTAKES: [title: string, options: () => CometOptions][] = [
  ['params throw', () => ({ params: firstTime(thrown, {}) })],
  ['params are a promise that is rejected', () => ({ params: firstTime(async () => thrown(), Promise.resolve({})) })],
  ['params are no object', () => ({ params: firstTime(() => 'a=b' as never, {}) })],
  ['params have a lone surrogate', () => ({ params: firstTime<object>(() => ({ name: '\ud800' }), {}) as never })],
  ['params are a promise of a lone surrogate', () =>
    ({ params: firstTime<Promise<object>>(async () => ({ name: '\ud800' }), Promise.resolve({})) as never })],
  ['headers throw', () => ({ headers: firstTime(thrown, {}) })],
  ['headers have a value that cannot be sent', () =>
    ({ headers: firstTime<Record<string, string>>(() => unsendable, {}) })],
  ['headers are a promise of a value that cannot be sent', () =>
    ({ headers: firstTime<Promise<Record<string, string>>>(async () => unsendable, Promise.resolve({})) })],
  ['headers have a line break', () =>
    ({ headers: firstTime<Record<string, string>>(() => ({ 'x-user': 'a\r\nb' }), {}) })]
]

for (const transport of ['eventsource', 'long-poll'] satisfies TransportName[]) {
  for (const [title, options] of MISTAKES) {
    t.test(`${title}, on ${transport}: an error says so, and the client tries again`, async (t) => {
      const { client, app } = await setUp(t)
      const comet = client({ transports: [transport], ...options() }, {
        XMLHttpRequest: PickyRequest as never, setTimeout: soon
      })
      const errors: CometError[] = []
      const got: unknown[] = []
      comet.on('error', (error) => { errors.push(error) })
      comet.subscribe('a', (data) => { got.push(data) })
      await until(() => comet.state === 'open')
      t.match(errors, [{ code: 'COMET_ERR_CREDENTIALS', retrying: true, retryIn: Number }])
      await app.comet.publish('a', 1)
      await until(() => got.length)
      comet.close()
      t.equal(comet.state, 'closed')
    })
  }
}

const BROKEN: [title: string, transport: TransportName, env: () => Partial<Env>][] = [
  ['EventSource cannot be made', 'eventsource', () => ({
    EventSource: firstTime(() => class {
      constructor () {
        thrown()
      }
    }, undefined)() as never
  })],
  ['a request cannot be made', 'long-poll', () =>
    ({ XMLHttpRequest: class extends FetchRequest { override open (): void { thrown() } } as never })]
]

for (const [title, transport, env] of BROKEN) {
  t.test(`${title}: an error says so, and the client tries again`, async (t) => {
    const { client } = await setUp(t)
    const comet = client({ transports: [transport] }, env())
    comet.subscribe('a', () => {})
    t.match(await next(comet, 'error'), { code: 'COMET_ERR_CREDENTIALS', message: /a mistake/, retrying: true })
    t.equal(comet.state, 'waiting')
  })
}

t.test('a step that fails half-way is told as an error, and the client comes back', async (t) => {
  const { client, app, proxy } = await setUp(t)
  let isFailing = false
  const random = () => {
    if (!isFailing) return Math.random()
    isFailing = false
    return thrown()
  }
  const comet = client({}, { Math: { random } as never, setTimeout: soon })
  const got: unknown[] = []
  comet.subscribe('a', (data) => { got.push(data) })
  await next(comet, 'state', (state) => state === 'open')
  const error = next(comet, 'error', (error) => (error as CometError).code === 'COMET_ERR_INTERNAL')
  isFailing = true
  for (const link of proxy.links) link.cut()
  t.match(await error, { message: /a mistake/, retrying: true })
  await app.comet.publish('a', 1)
  await until(() => got.length)
  t.same(got, [1])
})

t.test('a client that can take no step any more closes, and says why', async (t) => {
  const { client, proxy } = await setUp(t)
  let isFailing = false
  const random = () => isFailing ? thrown() : Math.random()
  const comet = client({}, { Math: { random } as never, setTimeout: soon })
  comet.subscribe('a', () => {})
  await next(comet, 'state', (state) => state === 'open')
  const error = next(comet, 'error')
  isFailing = true
  for (const link of proxy.links) link.cut()
  t.match(await error, { code: 'COMET_ERR_INTERNAL', retrying: false })
  t.equal(comet.state, 'closed')
})

t.test('a name that no URL can carry is refused at once, and disturbs nobody', async (t) => {
  const { client, app, proxy } = await setUp(t)
  const comet = client()
  const got: unknown[] = []
  comet.subscribe('a', (data) => { got.push(data) })
  await next(comet, 'state', (state) => state === 'open')
  for (const name of ['cut \ud83d', '\ude00 cut']) {
    const refusal = {
      name: 'TypeError', code: 'COMET_ERR_INVALID', message: /channel must be .* without .* lone surrogates, not "/
    }
    t.throws(() => comet.subscribe(name, () => {}), refusal)
    await t.rejects(comet.publish(name, 1), refusal)
  }
  await cutOff(comet, proxy)
  await app.comet.publish('a', 1)
  await until(() => got.length)
  t.same(got, [1])
})

t.test('a publish that cannot be sent is rejected', async (t) => {
  const { client } = await setUp(t)
  const comet = client({ headers: () => unsendable }, { XMLHttpRequest: PickyRequest as never })
  await t.rejects(comet.publish('a', 1), { code: 'COMET_ERR_CREDENTIALS' })
})

t.test('what a listener throws surfaces as an error of the page, and the client goes on', async (t) => {
  const { client, app, proxy } = await setUp(t)
  const surfaced: unknown[] = []
  const later = ((task: () => void, ms: number) => setTimeout(() => {
    try {
      task()
    } catch (error) {
      surfaced.push(error)
    }
  }, ms)) as never
  const comet = client({}, { setTimeout: later })
  const got: unknown[] = []
  for (const event of ['state', 'transport', 'error', 'gap', 'denied', 'heartbeat'] as const) comet.on(event, thrown)
  comet.subscribe('a', (data) => {
    got.push(data)
    thrown()
  }, { onGap: thrown })
  await until(() => comet.state === 'open')
  await app.comet.publish('a', 1)
  await until(() => got.length === 1)
  await cutOff(comet, proxy)
  await app.comet.publish('a', 2)
  await until(() => got.length === 2)
  t.ok(surfaced.length >= 5)
})
