import t from 'tap'
import {
  blockedError, closedByServer, credentialsFailure, failureFromResponse, httpFailure, networkFailure, noResponseFailure,
  requestFailure, timeoutError
} from '../../../../lib/client/connection/failure.ts'
import type { Answer, Prepared } from '../../../../lib/client/connection/http.ts'
import { memoryBrowser } from '../../../fixtures/client-in-memory.ts'

const REQUEST: Prepared = { method: 'GET', url: '/comet/long-poll?token=secret', headers: {} }
const settings = memoryBrowser().settings()
const answer = (status: number, body: unknown = '', headers: Record<string, string> = {}): Answer =>
  ({ status, responseText: JSON.stringify(body), getResponseHeader: (name) => headers[name] ?? null })

t.test('only 408, 425, 429 and statuses from 500 on are not fatal', async (t) => {
  const statuses = [301, 400, 401, 403, 404, 408, 410, 422, 425, 428, 429, 431, 499, 500, 502, 503, 504, 599]
  t.same(statuses.filter((status) => !httpFailure(status, 'X', 'x').fatal), [408, 425, 429, 500, 502, 503, 504, 599])
})

t.test('an answer says why, and for how long to stay away', async (t) => {
  const failure = failureFromResponse(
    settings, REQUEST, answer(503, { code: 'X', message: 'full' }, { 'Retry-After': '2' })
  )
  t.match(failure, {
    error: { code: 'X', message: 'full', statusCode: 503 }, fromServer: true, fatal: false, retry: 2000
  })
  for (const [after, retry] of [
    ['Wed, 21 Oct 2026 07:28:00 GMT', undefined], ['999999999', 86_400_000], ['-1', undefined]
  ] as const) {
    t.equal(failureFromResponse(settings, REQUEST, answer(503, {}, { 'Retry-After': after })).retry, retry, after)
  }
})

t.test('without a message of its own, the request and a hint are named, but not the query', async (t) => {
  const messageFor = (status: number, body: unknown, url = REQUEST.url) =>
    failureFromResponse(settings, { ...REQUEST, url }, answer(status, body)).error.message
  t.equal(messageFor(502, '<p>'), 'GET /comet/long-poll was answered 502')
  t.equal(
    messageFor(404, { message: 'Route GET:/comet/long-poll?token=secret not found' }),
    'GET /comet/long-poll was answered 404: is comet registered with this prefix?'
  )
  t.equal(
    messageFor(404, '', '/comet/publish'),
    'GET /comet/publish was answered 404: is `publishRoute` on?'
  )
  t.match(
    messageFor(200, []),
    /^GET \/comet\/long-poll was answered 200, but not by comet \(content type unknown\): is the URL right\?/
  )
})

t.test('without an answer, the likely cause is named', async (t) => {
  const messageOf = (env: object, reason?: unknown) => {
    const browser = memoryBrowser(env)
    return noResponseFailure(browser.settings({}, 'http://other.example/comet'), REQUEST, reason).error.message
  }
  t.match(messageOf({ navigator: { onLine: false } }), 'no answer to GET /comet/long-poll: the browser is offline')
  t.match(messageOf({}), /the server or the network is down$/)
  t.match(messageOf({ URL }), /the server or the network is down, or its answer has no CORS headers$/)
  t.match(messageOf({}, new Error('cannot GET /comet/long-poll?token=secret')), '(Error: cannot GET /comet/long-poll)')
  t.match(
    messageOf({}, Object.assign(new Error('fetch failed'), { cause: { code: 'ECONNREFUSED' } })), '(ECONNREFUSED)'
  )
  t.match(failureFromResponse(settings, REQUEST, answer(0)), { hasNoResponse: true, fromServer: false, fatal: false })
})

t.test('a close frame is fatal without `retry`, and planned where clients are moved', async (t) => {
  t.match(closedByServer('slow', 500), { fromServer: true, fatal: false, isPlanned: false, retry: 500, spread: 0 })
  t.match(closedByServer('disconnected'), { fatal: true, isPlanned: false, retry: undefined, spread: undefined })
  for (const reason of ['rotate', 'shutdown']) t.equal(closedByServer(reason, 1).isPlanned, true)
  for (const retry of [-1, 'x', NaN, {}]) {
    t.match(closedByServer('busy', retry as number), { fatal: false, retry: undefined, spread: undefined })
  }
})

t.test('what the client finds itself', async (t) => {
  t.match(networkFailure(), { error: { code: 'COMET_ERR_NETWORK' }, fromServer: false, fatal: false })
  t.match(credentialsFailure('no'), {
    error: { code: 'COMET_ERR_CREDENTIALS', message: '`params` or `headers` failed: no' },
    fromServer: true,
    fatal: false
  })
  t.match(requestFailure('no'), {
    error: { code: 'COMET_ERR_CREDENTIALS', message: 'the browser refuses the request: no' }
  })
  t.match(timeoutError(), { code: 'COMET_ERR_NETWORK' })
  t.match(blockedError(), { code: 'COMET_ERR_BLOCKED' })
})
