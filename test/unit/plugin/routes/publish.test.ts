import { once } from 'node:events'
import { type IncomingMessage, request } from 'node:http'
import type { FastifyInstance, InjectOptions, LightMyRequestResponse } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import type { CometOptions } from '../../../../lib/index.ts'
import { createApp } from '../../../fixtures/server.ts'

function create (t: Test, options: CometOptions = {}): Promise<FastifyInstance> {
  return createApp(t, { comet: { publishRoute: true, authorize: () => true, ...options } })
}

function post (
  app: FastifyInstance, payload: unknown, headers: InjectOptions['headers'] = {}
): Promise<LightMyRequestResponse> {
  const text = typeof payload === 'string' ? payload : JSON.stringify(payload)
  return app.inject({
    method: 'POST', url: '/comet/publish', payload: text, headers: { 'content-type': 'application/json', ...headers }
  })
}

t.test('publishes, and answers with the id', async (t) => {
  const app = await create(t)
  const answer = await post(app, { channel: 'chat', data: { text: 'hello' } })
  t.equal(answer.statusCode, 201)
  t.equal(answer.headers['cache-control'], 'no-store')
  t.same(answer.json(), { id: app.comet.cursor() })
  t.match((await app.comet.history('chat')).messages, [{ data: { text: 'hello' } }])
})

t.test('data may be null, and a key publishes once', async (t) => {
  const app = await create(t)
  const first = await post(app, { channel: 'chat', data: null, key: 'k' })
  const second = await post(app, { channel: 'chat', data: 1, key: 'k' }, {
    'content-type': 'application/json; charset=utf-8'
  })
  t.same(second.json(), first.json())
  t.match((await app.comet.history('chat')).messages, [{ data: null }])
})

const POISONED = '{"channel":"chat","data":{"__proto__":{"admin":true},"a":1}}'

t.test('a body that the application would not parse is refused', async (t) => {
  const app = await create(t)
  for (const body of [POISONED, '{"channel":"chat","data":{"constructor":{"prototype":{"admin":true}}}}']) {
    t.match((await post(app, body)).json(), { statusCode: 400, code: 'COMET_ERR_BODY' })
  }
  t.equal(app.comet.stats().published, 0)
})

for (const [onProtoPoisoning, data] of [
  ['remove', '{"a":1}'], ['ignore', '{"__proto__":{"admin":true},"a":1}']
] as const) {
  t.test(`a body is parsed as onProtoPoisoning says: ${onProtoPoisoning}`, async (t) => {
    const app = await createApp(t, {
      fastify: { onProtoPoisoning },
      comet: {
        publishRoute: true,
        authorize: () =>
          true
      }
    })
    t.equal((await post(app, POISONED)).statusCode, 201)
    t.equal(JSON.stringify((await app.comet.history('chat')).messages[0]?.data), data)
  })
}

t.test('a body is parsed as onConstructorPoisoning says', async (t) => {
  const app = await createApp(t, {
    fastify: { onConstructorPoisoning: 'remove' }, comet: { publishRoute: true, authorize: () => true }
  })
  t.equal((await post(app, '{"channel":"chat","data":{"constructor":{"prototype":{}},"a":1}}')).statusCode, 201)
  t.match((await app.comet.history('chat')).messages, [{ data: { a: 1 } }])
})

t.test('the longest names leave room for the largest message, however they are escaped', async (t) => {
  const app = await create(t, { maxMessageBytes: 100 })
  const name = '\\ud83d\\ude00'.repeat(255)
  const answer = await post(app, `{ "channel": "${name}", "key": "${name}", "data": "${'x'.repeat(98)}" }`)
  t.equal(answer.statusCode, 201, answer.body)
})

const wrong: [what: string, payload: unknown, status: number, code: string][] = [
  ['no JSON', '{', 400, 'COMET_ERR_BODY'],
  ['an array', [], 400, 'COMET_ERR_BODY'],
  ['null', null, 400, 'COMET_ERR_BODY'],
  ['a text', '"a"', 400, 'COMET_ERR_BODY'],
  ['no channel', { data: 1 }, 400, 'COMET_ERR_CHANNEL'],
  ['no data', { channel: 'chat' }, 400, 'COMET_ERR_BODY'],
  ['a wrong channel', { channel: 'a\nb', data: 1 }, 400, 'COMET_ERR_CHANNEL'],
  ['a wrong key', { channel: 'chat', data: 1, key: 7 }, 400, 'COMET_ERR_KEY'],
  ['a message that is too large', { channel: 'chat', data: 'x'.repeat(99) }, 413, 'COMET_ERR_MESSAGE_TOO_LARGE'],
  ['a body that is far too large', { channel: 'chat', data: 'x'.repeat(9999) }, 413, 'COMET_ERR_MESSAGE_TOO_LARGE']
]

for (const [what, payload, status, code] of wrong) {
  t.test(`refuses ${what}`, async (t) => {
    const app = await create(t, { maxMessageBytes: 100 })
    const answer = await post(app, payload)
    t.equal(answer.statusCode, status)
    t.match(answer.json(), { statusCode: status, code })
    t.equal(answer.headers['cache-control'], 'no-store')
    t.equal(app.comet.stats().published, 0)
  })
}

for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'nonsense', 'application/jsonp']) {
  t.test(`refuses a body of type ${type}`, async (t) => {
    const app = await create(t)
    const answer = await post(app, { channel: 'chat', data: 1 }, { 'content-type': type })
    t.match(answer.json(), { statusCode: 415, code: 'COMET_ERR_MEDIA_TYPE' })
    t.equal(app.comet.stats().published, 0)
  })
}

t.test('refuses a page of a foreign site', async (t) => {
  const app = await create(t, { origins: ['https://friend.example'] })
  const answer = await post(app, { channel: 'chat', data: 1 }, { origin: 'https://evil.example' })
  t.match(answer.json(), { statusCode: 403, code: 'COMET_ERR_ORIGIN' })
  t.equal((await post(app, { channel: 'chat', data: 1 }, { origin: 'https://friend.example' })).statusCode, 201)
})

t.test('asks authorize, and nobody may publish unless it says so', async (t) => {
  const questions: unknown[] = []
  const app = await create(t, {
    authorize: (_request, question) => {
      questions.push(question)
      return question.channels[0] === 'chat'
    }
  })
  t.equal((await post(app, { channel: 'chat', data: 1 })).statusCode, 201)
  t.match((await post(app, { channel: 'secret', data: 1 })).json(), {
    statusCode: 403, code: 'COMET_ERR_FORBIDDEN', message: 'not allowed to publish'
  })
  t.same(questions[0], { action: 'publish', channels: ['chat'], history: 0 })
  const closed = await createApp(t, { comet: { publishRoute: true } })
  t.equal((await post(closed, { channel: 'chat', data: 1 })).statusCode, 403)
})

t.test('a parser of the application goes on for its own routes', async (t) => {
  const app = await createApp(t, {
    comet: { publishRoute: true, authorize: () => true },
    before (app) {
      app.addContentTypeParser('text/plain', { parseAs: 'string' }, (_request, body, done) => {
        done(null, `own ${String(body)}`)
      })
      app.post('/own', async (request) => request.body)
    }
  })
  const answer = await app.inject({
    method: 'POST', url: '/own', payload: 'text', headers: { 'content-type': 'text/plain' }
  })
  t.equal(answer.body, 'own text')
  t.equal((await post(app, 'x', { 'content-type': 'text/plain' })).statusCode, 415)
})

t.test('is not there unless it is wanted', async (t) => {
  const app = await createApp(t)
  t.equal((await post(app, { channel: 'chat', data: 1 })).statusCode, 404)
})

t.test('what is no error is one of the server', async (t) => {
  // eslint-disable-next-line no-throw-literal -- it is the point
  const app = await createApp(t, { comet: { publishRoute: true, authorize: () => { throw undefined } } })
  const answer = await app.inject({ method: 'POST', url: '/comet/publish', payload: { channel: 'a', data: 1 } })
  t.match([answer.statusCode, answer.json().code], [500, 'COMET_ERR_UNEXPECTED'])
})

t.test('refuses a body that is too large without having said so', async (t) => {
  const app = await create(t, { maxMessageBytes: 10 })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  const outgoing = request({
    host: '127.0.0.1', port, path: '/comet/publish', method: 'POST', headers: { 'content-type': 'application/json' }
  })
  outgoing.write('x'.repeat(6000))
  outgoing.end('x'.repeat(6000))
  const [answer] = await once(outgoing, 'response') as [IncomingMessage]
  let text = ''
  for await (const chunk of answer) text += String(chunk)
  t.equal(answer.statusCode, 413)
  t.match(JSON.parse(text), { code: 'COMET_ERR_MESSAGE_TOO_LARGE', message: /got more$/ })
})
