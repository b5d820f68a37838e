import type { FastifyReply } from 'fastify'
import t from 'tap'
import type { CometOptions } from '../../../../lib/index.ts'
import type { ErrorFrame } from '../../../../lib/protocol/wire.ts'
import { frameParser } from '../../../fixtures/frame-parsers.ts'
import { LogLines } from '../../../fixtures/log-lines.ts'
import { createApp } from '../../../fixtures/server.ts'

const OTHER = 'https://other.example'

interface Answer {
  status: number
  headers: Record<string, unknown>
  body: string
  frame: ErrorFrame
  errors: LogLines['errors']
}

/** What the iframe route answers. */
async function ask (t: Tap, comet: CometOptions = {}, query = 'channel=a', headers = {}): Promise<Answer> {
  const log = new LogLines()
  const app = await createApp(t, { comet, fastify: { logger: { level: 'error', stream: log } } })
  const { statusCode, headers: answered, body } = await app.inject({ url: `/comet/iframe?${query}`, headers })
  const [received] = frameParser('iframe')(body)
  return { status: statusCode, headers: answered, body, frame: received?.frame as ErrorFrame, errors: log.errors }
}

type Tap = Pick<typeof t, 'teardown'>

t.test('an error is a document of the transport, with its status', async (t) => {
  const { status, headers, body, frame, errors } = await ask(t, {}, 'channel=')
  t.equal(status, 400)
  t.match(headers, {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store, no-transform',
    'x-content-type-options': 'nosniff',
    'content-security-policy': /frame-ancestors 'self';/
  })
  t.match(body, /^<!doctype html><html data-origin="">/)
  t.match(frame, { type: 'error', statusCode: 400, code: 'COMET_ERR_CHANNEL', message: /channel must be/ })
  t.same(errors, [], 'a mistake of the client is not logged')
})

t.test('a listed origin that asks is told, and may embed it', async (t) => {
  const { body, headers, frame } = await ask(
    t, { origins: [OTHER], authorize: () => false }, `channel=a&origin=${OTHER}`
  )
  t.match(body, `data-origin="${OTHER}"`)
  t.match(headers['content-security-policy'], `frame-ancestors ${OTHER};`)
  t.match(frame, { statusCode: 403, code: 'COMET_ERR_FORBIDDEN' })
})

t.test('any other origin is refused, and not told', async (t) => {
  const { body, headers, frame } = await ask(t, { origins: [OTHER] }, 'channel=a&origin=https://evil.example')
  t.match(body, 'data-origin=""')
  t.match(headers['content-security-policy'], /frame-ancestors 'self';/)
  t.match(frame, { statusCode: 403, code: 'COMET_ERR_ORIGIN' })
})

t.test('an unlisted origin cannot forge markup', async (t) => {
  const { body } = await ask(t, {}, 'channel=a&origin=%22%3E%3Cscript%3Ealert(1)%3C/script%3E')
  t.notMatch(body, '<script>alert')
})

const refusal = Object.assign(new Error('log in first'), { statusCode: 401, code: 'NO_LOGIN' })
const anError = (properties: object, message = 'secret text'): Error => Object.assign(new Error(message), properties)
const HIDDEN = 'Internal Server Error'

const thrown: [what: string, thrown: unknown, expected: Partial<ErrorFrame>, isLogged: boolean][] = [
  ['an error of the client', refusal, { statusCode: 401, code: 'NO_LOGIN', message: 'log in first' }, false],
  [
    'an error without a code',
    anError({ statusCode: 404 }, 'gone'),
    { statusCode: 404, code: 'COMET_ERR_UNEXPECTED', message: 'gone' },
    false
  ],
  ['an unexpected error', anError({}), { statusCode: 500, code: 'COMET_ERR_UNEXPECTED', message: HIDDEN }, true],
  [
    'an unexpected error with a code',
    anError({ code: 'ECONNREFUSED' }),
    { statusCode: 500, code: 'ECONNREFUSED', message: HIDDEN },
    true
  ],
  [
    'an error whose code is none',
    anError({ code: 7, statusCode: 503 }),
    { statusCode: 503, code: 'COMET_ERR_UNEXPECTED', message: HIDDEN },
    true
  ],
  [
    'an error with a status that is none of errors',
    anError({ statusCode: 302 }),
    { statusCode: 500, message: HIDDEN },
    true
  ],
  [
    'an error with status 200',
    anError({ statusCode: 200, code: 'OK' }),
    { statusCode: 500, code: 'OK', message: HIDDEN },
    true
  ],
  ['an error with a status beyond all', anError({ statusCode: 600 }), { statusCode: 500, message: HIDDEN }, true],
  [
    'an error with a status that is no number',
    anError({ statusCode: '404' }),
    { statusCode: 500, message: HIDDEN },
    true
  ],
  ['undefined', undefined, { statusCode: 500, code: 'COMET_ERR_UNEXPECTED', message: HIDDEN }, true],
  ['null', null, { statusCode: 500, code: 'COMET_ERR_UNEXPECTED', message: HIDDEN }, true],
  ['a string', 'secret text', { statusCode: 500, code: 'COMET_ERR_UNEXPECTED', message: HIDDEN }, true],
  ['an object', { statusCode: 401 }, { statusCode: 500, code: 'COMET_ERR_UNEXPECTED', message: HIDDEN }, true]
]

for (const [what, value, expected, isLogged] of thrown) {
  for (const [when, authorize] of [['at once', () => {
    throw value
  }], ['later', async () => { throw value }]] as const) {
    t.test(`${what}, thrown ${when} by authorize, is answered by a document`, async (t) => {
      const { status, frame, body, errors } = await ask(t, { authorize })
      t.equal(status, expected.statusCode)
      t.match(frame, { type: 'error', ...expected })
      t.notMatch(body, 'secret text')
      t.equal(errors.length, isLogged ? 1 : 0)
    })
  }
}

t.test('what a hook throws is answered likewise', async (t) => {
  // eslint-disable-next-line no-throw-literal -- it is the point
  const { status, frame } = await ask(t, { routeOptions: { onRequest: async () => { throw 'secret text' } } })
  t.equal(status, 500)
  t.match(frame, { type: 'error', statusCode: 500, code: 'COMET_ERR_UNEXPECTED', message: HIDDEN })
})

t.test('busy is a document too, with a time to come back', async (t) => {
  const app = await createApp(t)
  await app.ready()
  await app.comet.drain(0)
  const { statusCode, headers, body } = await app.inject('/comet/iframe?channel=a')
  t.equal(statusCode, 503)
  t.ok(Number(headers['retry-after']) >= 1)
  t.match(body, 'COMET_ERR_SHUTDOWN')
})

t.test('a bad header of a hook is an error of the server, on every route', async (t) => {
  for (const [name, value] of [['x-bad', 'a\nb'], ['x bad', 'a'], ['x-bad', ['good', 'a\nb']]] as const) {
    const routeOptions = { preHandler: async (_request: unknown, reply: FastifyReply) => { reply.header(name, value) } }
    for (const path of ['iframe', 'eventsource', 'long-poll']) {
      const app = await createApp(t, { comet: { routeOptions } })
      await app.listen({ port: 0, host: '127.0.0.1' })
      const answer = await fetch(
        `http://127.0.0.1:${(app.server.address() as { port: number }).port}/comet/${path}?channel=a`
      )
      t.equal(answer.status, 500, path)
      await answer.text()
      t.match(app.comet.stats(), { connections: { [path]: 0 }, subscriptions: 0, channels: 0, rejected: 1 })
      t.same(app.comet.subscribers('a'), [])
    }
  }
})
