// What a page is told about a connection that does not come about, or does not last.
import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import t from 'tap'
import type { Test } from 'tap'
import { Comet, type CometError, type CometOptions, type TransportName } from '../../../lib/client/index.ts'
import type { Env } from '../../../lib/client/browser/env.ts'
import { FetchRequest, nodeEnv } from '../../fixtures/client-env.ts'
import { cutOff, next, setUp } from '../../fixtures/client-setup.ts'
import { freePort } from '../../fixtures/ports.ts'
import { until } from '../../fixtures/until.ts'

interface Reply { status?: number, type?: string, body?: string, headers?: Record<string, string> }

/** A client of a server that answers everything in the same way. */
async function meet (t: Test, reply: Reply, options: CometOptions = {}, env: Partial<Env> = {}): Promise<Comet> {
  const server = createServer((_request, response) => {
    response.writeHead(reply.status ?? 200, { 'content-type': reply.type ?? 'text/html', ...reply.headers })
      .end(reply.body ?? '')
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => server.close())
  return open(t, (server.address() as AddressInfo).port, options, env)
}

function open (t: Test, port: number, options: CometOptions = {}, env: Partial<Env> = {}): Comet {
  const comet = new Comet(
    `http://127.0.0.1:${port}/comet`, { params: () => ({ token: 'secret' }), ...options }, nodeEnv(env)
  )
  t.teardown(() => { comet.close() })
  return comet
}

const page = '<!doctype html><title>my app</title>'
const noRoute = JSON.stringify({
  message: 'Route GET:/comet/long-poll?token=secret not found', error: 'Not Found', statusCode: 404
})
const login = JSON.stringify({ message: 'Log in first', error: 'Unauthorized', statusCode: 401 })

const FINAL: [title: string, reply: Reply, expected: Partial<Record<keyof CometError, unknown>>][] = [
  ['a URL where there is no route', { status: 404, type: 'application/json', body: noRoute }, {
    code: 'COMET_ERR_STATUS',
    statusCode: 404,
    message: /^GET http:.*\/comet\/long-poll was answered 404: is comet registered with this prefix\?$/
  }],
  ['a 404 page of something before the server', { status: 404, body: page }, {
    code: 'COMET_ERR_STATUS', statusCode: 404, message: /was answered 404: is comet registered/
  }],
  ['a refusal without a code', { status: 401, type: 'application/json', body: login }, {
    code: 'COMET_ERR_STATUS', statusCode: 401, message: 'Log in first'
  }]
]

const TRANSIENT: [title: string, reply: Reply, expected: Partial<Record<keyof CometError, unknown>>][] = [
  ['a page instead of an answer', { body: page }, {

    code: 'COMET_ERR_RESPONSE',
    statusCode: 200,
    message: /^GET http:.*\/comet\/long-poll was answered 200, but not by comet \(content type text\/html\): is the URL right\?/

  }],
  ['JSON of another program', { type: 'application/json', body: '{}' }, {
    code: 'COMET_ERR_RESPONSE', statusCode: 200, message: /content type application\/json/
  }],
  ['a server that cannot', { status: 502, body: page }, {
    code: 'COMET_ERR_STATUS', statusCode: 502, message: /^GET http:.*\/comet\/long-poll was answered 502$/
  }]
]

for (const transports of [['eventsource', 'long-poll'], ['long-poll'], ['eventsource']] satisfies TransportName[][]) {
  for (const headers of [undefined, () => ({ 'x-user': 'ann' })]) {
    const options: CometOptions = headers ? { transports, headers } : { transports }
    t.test(`over ${transports.join(' or ')}${headers ? ' with headers' : ''}`, async (t) => {
      for (const [title, reply, expected] of FINAL) {
        t.test(`${title} closes the client, and says why`, async (t) => {
          const comet = await meet(t, reply, options)
          let seen: unknown
          comet.on('state', (state) => { if (state === 'closed') seen = comet.error })
          comet.subscribe('a', () => {})
          const error = await next(comet, 'error') as CometError
          t.match(error, { ...inTransport(expected, options), retrying: false })
          t.notMatch(error.message, /secret/)
          t.equal(comet.state, 'closed')
          t.equal(comet.error, error)
          t.equal(seen, error, 'also to who listens to the state')
        })
      }

      for (const [title, reply, expected] of TRANSIENT) {
        t.test(`${title} is named while the client waits`, async (t) => {
          const comet = await meet(t, reply, options)
          let seen: unknown
          comet.on('state', (state) => { if (state === 'waiting') seen = comet.error })
          comet.subscribe('a', () => {})
          const error = await next(comet, 'error') as CometError
          t.match(error, { ...inTransport(expected, options), retrying: true, retryIn: Number })
          t.notMatch(error.message, /secret/)
          t.equal(comet.state, 'waiting')
          t.equal(seen, error)
          await next(comet, 'state', (state) => state === 'connecting')
          t.equal(comet.error, error, 'while it tries again')
        })
      }

      t.test('no answer at all is named', async (t) => {
        const comet = open(t, await freePort(), options)
        comet.subscribe('a', () => {})
        const error = await next(comet, 'error') as CometError
        t.match(error, {
          code: 'COMET_ERR_NETWORK',
          retrying: true,
          message: /^no answer to GET http:.*\/comet\/long-poll: the server or the network is down/
        })
        t.notMatch(error.message, /secret/)
      })
    })
  }
}

// With headers, a stream tells its status itself.
function inTransport (
  expected: Partial<Record<keyof CometError, unknown>>, { headers, transports }: CometOptions
): object {
  const { message } = expected
  if (!headers || transports?.[0] !== 'eventsource' || !(message instanceof RegExp) ||
    expected.code === 'COMET_ERR_RESPONSE') return expected
  return { ...expected, message: new RegExp(message.source.replace('long-poll', 'eventsource')) }
}

t.test('a connection that was lost is an error too, and forgotten when there is another one', async (t) => {
  const { client, proxy } = await setUp(t)
  const comet = client()
  comet.subscribe('a', () => {})
  await next(comet, 'state', (state) => state === 'open')
  t.equal(comet.error, null)
  const error = next(comet, 'error')
  await cutOff(comet, proxy)
  t.match(await error, { code: 'COMET_ERR_NETWORK', message: 'the connection was lost', retrying: true })
  await next(comet, 'state', (state) => state === 'open')
  t.equal(comet.error, null)
})

t.test('a connection that the server moves elsewhere has not failed', async (t) => {
  const { client, app } = await setUp(t)
  const comet = client()
  comet.on('error', (error) => { t.fail(error.message) })
  comet.subscribe('a', () => {})
  await next(comet, 'state', (state) => state === 'open')
  const states = next(comet, 'state', (state) => state === 'waiting')
  await app.comet.drain(0)
  await states
  t.equal(comet.error, null)
})

t.test('a browser that is offline says so', async (t) => {
  const comet = open(t, await freePort(), {}, { navigator: { onLine: false } as Navigator })
  comet.subscribe('a', () => {})
  t.match(await next(comet, 'error'), { message: /: the browser is offline/ })
})

t.test('streams that are held back are named where polls are not allowed', async (t) => {
  const { client, proxy } = await setUp(t)
  proxy.behave((target) => target.includes('eventsource') ? { does: 'hold', direction: 'down' } : { does: 'forward' })
  const comet = client({ transports: ['eventsource'], firstFrameTimeout: 100 })
  comet.subscribe('a', () => {})
  t.match(await next(comet, 'error'), { code: 'COMET_ERR_BLOCKED', retrying: true, message: /blocks streams/ })
})

t.test('channels that cannot be added now are told as an error, and tried again', async (t) => {
  const { client, proxy, app } = await setUp(t)
  const comet = client()
  comet.subscribe('a', () => {})
  await next(comet, 'state', (state) => state === 'open')
  proxy.behave({ does: 'refuse', status: 503 })
  const error = next(comet, 'error')
  const got: unknown[] = []
  comet.subscribe('b', (data) => { got.push(data) })
  t.match(await error, { retrying: true })
  t.equal(comet.state, 'open')
  proxy.behave({ does: 'forward' })
  await until(() => app.comet.subscribers('b').length)
})

t.test('a publish says what is wrong', async (t) => {
  const missing = await meet(t, { status: 404, type: 'application/json', body: noRoute.replace('GET', 'POST') })
  await t.rejects(missing.publish('a', 1), {
    code: 'COMET_ERR_STATUS',
    statusCode: 404,
    message: /^POST http:.*\/comet\/publish was answered 404: is `publishRoute` on\?$/
  })
  const fallback = await meet(t, { body: page })
  await t.rejects(fallback.publish('a', 1), { code: 'COMET_ERR_RESPONSE', statusCode: 200 })
  const away = open(t, await freePort())
  await t.rejects(away.publish('a', 1), { code: 'COMET_ERR_NETWORK', message: /^no answer to POST/ })
})

t.test('answers that a page of another origin may not read are named at the second failure, a server that is away is not', async (t) => {
  class Unreadable extends FetchRequest {
    override send (): void { setTimeout(() => { this.readyState = 4; this.onreadystatechange?.() }) }
  }
  const soon = ((task: () => void, ms: number) => setTimeout(task, ms / 20)) as never
  for (const [answers, code] of [[true, 'COMET_ERR_CORS'], [false, 'COMET_ERR_NETWORK']] as const) {
    const probes: string[] = []
    const probe = async (url: string): Promise<object> => {
      probes.push(url)
      if (!answers) throw new TypeError('Failed to fetch')
      return {}
    }
    const comet = open(t, 1, { transports: ['long-poll'] }, {
      location: new URL('http://page.example/') as never,
      URL,
      XMLHttpRequest: Unreadable as never,
      fetch: probe as never,
      setTimeout: soon
    })
    const codes: string[] = []
    comet.on('error', (error) => { codes.push(error.code) })
    comet.subscribe('a', () => {})
    await until(() => codes.length === 2)
    t.same(codes, ['COMET_ERR_NETWORK', code])
    t.equal(probes[0], 'http://127.0.0.1:1/comet/long-poll', 'without the query')
  }
})
