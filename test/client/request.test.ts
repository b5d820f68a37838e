import t from 'tap'
import { parseOptions } from '../../lib/client/options.ts'
import { prepare, query, type Ask } from '../../lib/client/request.ts'
import type { CometOptions } from '../../lib/client/index.ts'
import { nodeEnv } from '../fixtures/client-env.ts'

const ASK: Ask = { channels: ['a', 'b'], join: [], history: [0, 0], cursor: null }

function urlFor (ask: Partial<Ask>, options: CometOptions = {}, origin?: string): string {
  let url = ''
  const settings = parseOptions(nodeEnv(), '/comet/', options)
  prepare(settings, 'long-poll', query({ ...ASK, ...ask }, 'me', origin), (prepared) => { url = prepared.url }, ({ error }) => { throw error })
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
  t.equal(urlFor({ cursor: 'x-1', join: ['b'], history: [7] }), '/comet/long-poll?channel=a&channel=b&cursor=x-1&join=b&history=7&client=me')
})

t.test('adds the origin and the parameters of the application, but for those without a value', async (t) => {
  const params = () => ({ token: 'a b', n: 0, yes: true, none: null, undef: undefined })
  t.equal(urlFor({}, { params }, 'http://x'), '/comet/long-poll?channel=a&channel=b&client=me&origin=http%3A%2F%2Fx&token=a%20b&n=0&yes=true')
})

t.test('takes what a promise brings, and tells what it throws', async (t) => {
  const settings = (options: CometOptions) => parseOptions(nodeEnv(), '/comet', options)
  const ask = (options: CometOptions) => new Promise((resolve) => {
    prepare(settings(options), 'x', {}, resolve, resolve)
  })
  t.same(await ask({ params: async () => ({ a: 1 }), headers: async () => ({ b: '2' }) }), { url: '/comet/x?a=1', headers: { b: '2' } })
  t.match(await ask({ params: async () => { throw new Error('no ticket') } }), { isAnswer: true, fatal: false, error: { code: 'COMET_ERR_CREDENTIALS', message: /no ticket/ } })
  t.match(await ask({ headers: () => { throw new Error('no token') } }), { error: { message: /no token/ } })
})
