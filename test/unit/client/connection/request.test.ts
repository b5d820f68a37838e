import t from 'tap'
import { createSettings } from '../../../../lib/client/options.ts'
import { prepare, query, type SubscribeRequest } from '../../../../lib/client/connection/request.ts'
import type { CometOptions } from '../../../../lib/client/index.ts'
import { nodeEnv } from '../../../fixtures/client-env.ts'

const ASK: SubscribeRequest = { channels: ['a', 'b'], join: [], history: [0, 0], cursor: null }
const PAGE = nodeEnv({ location: {} as never })

function urlFor (ask: Partial<SubscribeRequest>, options: CometOptions = {}, origin?: string): string {
  let url = ''
  const settings = createSettings(PAGE, '/comet/', options)
  prepare(settings, 'long-poll', query({ ...ASK, ...ask }, 'me', origin), (prepared) => {
    url = prepared.url
  }, ({ error }) => { throw error })
  return url
}

t.test('asks for channels from now on', async (t) => {
  t.equal(urlFor({}), '/comet/long-poll?channel=a&channel=b&client=me')
})

t.test('escapes names', async (t) => {
  t.equal(urlFor({ channels: ['ä&b c'], history: [0] }), '/comet/long-poll?channel=%C3%A4%26b%20c&client=me')
})

t.test('asks for history with one number where all agree, else with one for each', async (t) => {
  t.equal(urlFor({ history: [5, 5] }), '/comet/long-poll?channel=a&channel=b&history=5&client=me')
  t.equal(urlFor({ history: [5, 0] }), '/comet/long-poll?channel=a&channel=b&history=5&history=0&client=me')
})

t.test('names the channels that join, and their history', async (t) => {
  t.equal(
    urlFor({ cursor: 'x-1', join: ['b'], history: [7] }),
    '/comet/long-poll?channel=a&channel=b&cursor=x-1&join=b&history=7&client=me'
  )
})

t.test('adds the origin and the parameters of the application, but for those without a value', async (t) => {
  const params = () => ({ token: 'a b', n: 0, yes: true, none: null, undef: undefined })
  t.equal(
    urlFor({}, { params }, 'http://x'),
    '/comet/long-poll?channel=a&channel=b&client=me&origin=http%3A%2F%2Fx&token=a%20b&n=0&yes=true'
  )
})

t.test('takes what a promise brings, and tells what it throws', async (t) => {
  const settings = (options: CometOptions) => createSettings(PAGE, '/comet', options)
  const ask = (options: CometOptions) => new Promise((resolve) => {
    prepare(settings(options), 'x', {}, resolve, resolve)
  })
  t.same(await ask({ params: async () => ({ a: 1 }), headers: async () => ({ b: '2' }) }), {
    method: 'GET', url: '/comet/x?a=1', headers: { b: '2' }
  })
  t.match(await ask({
    params: async () => {
      throw new Error('no ticket')
    }
  }), { fromServer: true, fatal: false, error: { code: 'COMET_ERR_CREDENTIALS', message: /no ticket/ } })
  t.match(await ask({ headers: () => { throw new Error('no token') } }), { error: { message: /no token/ } })
  t.match(await ask({ params: () => 'a=b' as never }), {
    error: { message: /`params` must return an object, not a string/ }
  })
  t.match(await ask({
    params: () => ({
      then: () => {
        throw new Error('no promise')
      }
    }) as never
  }), { error: { message: /no promise/ } })
  t.match(await ask({ params: () => ({ name: '\ud800' }) }), {
    error: { code: 'COMET_ERR_CREDENTIALS', message: /URIError/ }
  })
  for (const value of [Symbol('x'), () => {}]) {
    for (const option of ['params', 'headers']) {
      t.match(await ask({ [option]: () => ({ a: value }) } as never), {
        error: {
          code: 'COMET_ERR_CREDENTIALS',
          message: new RegExp(`a must be a string, number or boolean, not ${typeof value}`)
        }
      })
    }
  }
})

t.test('nothing is as good as no parameters and no headers, and a header without a value is left out', async (t) => {
  t.equal(urlFor({}, { params: () => undefined as never }), '/comet/long-poll?channel=a&channel=b&client=me')
  for (const nothing of [undefined, null]) {
    const settings = createSettings(PAGE, '/comet', {
      params: async () => nothing as never,
      headers: () =>
        ({ a: nothing as never, b: 'c' })
    })
    t.same(await new Promise((resolve) => {
      prepare(settings, 'x', {}, resolve, resolve)
    }), { method: 'GET', url: '/comet/x', headers: { b: 'c' } })
  }
})

t.test('a promise that brings nothing within 30 s has failed, whatever it brings later', async (t) => {
  const results: unknown[] = []
  let timers: [() => void, number][] = []
  const env = nodeEnv({
    location: {} as never,
    setTimeout: ((task: () => void, ms: number) => timers.push([task, ms])) as never,
    clearTimeout: () => {
      timers = []
    }
  })
  let bring = (_value: object) => {}
  const settings = createSettings(env, '/comet', {
    params: () => new Promise((resolve) => {
      bring = resolve as never
    })
  })
  const add = (result: unknown) => { results.push(result) }
  prepare(settings, 'x', {}, add, add)
  t.match(timers, [[/./, 30_000]])
  timers[0]?.[0]()
  bring({})
  await new Promise(setImmediate)
  t.match(results, [{ error: { code: 'COMET_ERR_CREDENTIALS', message: /`params` took more than 30 s/ } }])
})
