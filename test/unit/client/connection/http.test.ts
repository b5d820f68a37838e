import t from 'tap'
import { initFor, isForeign, pathOf, send, type Answer, type Prepared } from '../../../../lib/client/connection/http.ts'
import { memoryBrowser } from '../../../fixtures/client-in-memory.ts'

const REQUEST: Prepared = { method: 'POST', url: '/comet/publish?x=1', headers: { 'X-A': 'b' } }

t.test('goes over XMLHttpRequest where there is one', async (t) => {
  const { settings, last } = memoryBrowser()
  const answers: Answer[] = []
  const abort = send(settings({ withCredentials: true }), REQUEST, '{}', (answer) => { answers.push(answer) })
  t.match(last(), { ...REQUEST, body: '{}', withCredentials: true })
  last().answer(201, 'ok', { A: 'b' })
  t.match(answers, [{ status: 201, responseText: 'ok' }])
  t.equal(answers[0]?.getResponseHeader('A'), 'b')
  abort()
  t.ok(last().isAborted)
})

t.test('otherwise over fetch, whose failure is status 0 with a reason', async (t) => {
  const requests: [string, RequestInit][] = []
  const over = (fetch: () => Promise<unknown>) => new Promise<Answer>((resolve) => {
    const env = {
      XMLHttpRequest: undefined,
      Headers,
      AbortController,
      fetch: (url: string, init: RequestInit) => {
        requests.push([url, init])
        return fetch()
      }
    }
    send(memoryBrowser(env as object).settings(), REQUEST, null, resolve)
  })
  const answer = await over(async () => new Response('text', { status: 200, headers: { A: 'b' } }))
  t.match(answer, { status: 200, responseText: 'text' })
  t.equal(answer.getResponseHeader('a'), 'b')
  t.match(requests, [['/comet/publish?x=1', { method: 'POST', cache: 'no-store', credentials: 'same-origin' }]])
  t.match(await over(async () => {
    throw new Error('down')
  }), { status: 0, responseText: '', reason: { message: 'down' } })
})

t.test('with neither of them, there is no answer', async (t) => {
  const answers: Answer[] = []
  send(memoryBrowser({ XMLHttpRequest: undefined }).settings(), REQUEST, null, (answer) => { answers.push(answer) })
  t.match(answers, [{ status: 0, reason: 'no XMLHttpRequest, no fetch' }])
})

t.test('a header that cannot be sent throws before fetch would hide it', async (t) => {
  const { settings } = memoryBrowser({ Headers })
  t.throws(() => initFor(settings(), { ...REQUEST, headers: { 'X-A': '€' } }, null), TypeError)
})

t.test('compares origins, and cuts queries off', async (t) => {
  const { settings } = memoryBrowser({ URL })
  const urls = ['/comet', 'http://example.com/comet', 'http://example.com:81/comet', 'https://example.com/comet']
  t.same(urls.map((url) => isForeign(settings({}, url))), [false, false, true, true])
  t.equal(pathOf('/comet?a=b?c'), '/comet')
})
