import t from 'tap'
import { networkFailure, type ConnectionFailure } from '../../../../lib/client/connection/failure.ts'
import { createReachability } from '../../../../lib/client/connection/reachability.ts'
import { memoryBrowser } from '../../../fixtures/client-in-memory.ts'

const failure = (): ConnectionFailure => ({ ...networkFailure(), hasNoResponse: true })

function setUp (url: string, fetch: () => Promise<unknown>) {
  const requests: unknown[] = []
  const env = { URL, fetch: (...args: unknown[]) => { requests.push(args); return fetch() } }
  return { requests, reachability: createReachability(memoryBrowser(env as object).settings({}, url)) }
}

t.test('a server of another origin that answers, but not to the page, lacks CORS headers', async (t) => {
  const { requests, reachability } = setUp('http://other.example/comet', async () => ({}))
  const first = failure()
  t.equal(reachability.name(first), first, 'not yet known')
  t.match(requests, [['http://other.example/comet/long-poll', { mode: 'no-cors', credentials: 'omit' }]])
  await new Promise(setImmediate)
  t.match(reachability.name(failure()), {
    error: { code: 'COMET_ERR_CORS', message: /example\.com/ }, hasNoResponse: true
  })
  reachability.reset()
  t.match(reachability.name(failure()), { error: { code: 'COMET_ERR_NETWORK' } })
})

t.test('a server that does not answer is down', async (t) => {
  const { reachability } = setUp('http://other.example/comet', async () => { throw new Error('down') })
  reachability.name(failure())
  await new Promise(setImmediate)
  t.match(reachability.name(failure()), { error: { code: 'COMET_ERR_NETWORK' } })
})

t.test('nothing is asked of the own origin, nor after an answer', async (t) => {
  const own = setUp('/comet', async () => ({}))
  own.reachability.name(failure())
  const answered = setUp('http://other.example/comet', async () => ({}))
  answered.reachability.name(networkFailure())
  t.same([...own.requests, ...answered.requests], [])
})
