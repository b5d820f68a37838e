import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { get, textOf } from '../fixtures/bodies.ts'
import { createApp, serve } from '../fixtures/server.ts'

const many = (count: number, key: string): string => Array.from({ length: count }, (_, i) => `${key}=${i}`).join('&')

const QUERIES: readonly (readonly [string, string, number, string])[] = [
  ['no channel', '', 400, 'COMET_ERR_QUERY'],
  ['an empty channel', 'channel=', 400, 'COMET_ERR_CHANNEL'],
  ['129 channels', many(129, 'channel'), 400, 'COMET_ERR_QUERY'],
  ['a channel of 256 characters', `channel=${'x'.repeat(256)}`, 400, 'COMET_ERR_CHANNEL'],
  ['a control character in a channel', 'channel=a%00b', 400, 'COMET_ERR_CHANNEL'],
  ['a line break in a channel', 'channel=a%0Ab', 400, 'COMET_ERR_CHANNEL'],
  ['DEL in a channel', 'channel=a%7Fb', 400, 'COMET_ERR_CHANNEL'],
  ['a C1 control in a channel', 'channel=a%C2%85b', 400, 'COMET_ERR_CHANNEL'],
  ['a cursor with a newline', 'channel=a&cursor=x%0Ay', 400, 'COMET_ERR_CURSOR'],
  ['a channel that is no UTF-8', 'channel=%FF', 400, 'COMET_ERR_QUERY'],
  ['half a character as a channel', 'channel=%C3', 400, 'COMET_ERR_QUERY'],
  ['a surrogate as a channel', 'channel=%ED%A0%80', 400, 'COMET_ERR_QUERY'],
  ['a percent sign that encodes nothing', 'channel=%zz', 400, 'COMET_ERR_QUERY'],
  ['a malformed join', 'channel=a&join=%&cursor=x', 400, 'COMET_ERR_QUERY'],
  ['an empty cursor', 'channel=a&cursor=', 400, 'COMET_ERR_CURSOR'],
  ['a cursor of 129 characters', `channel=a&cursor=${'x'.repeat(129)}`, 400, 'COMET_ERR_CURSOR'],
  ['two cursors', 'channel=a&cursor=x&cursor=y', 400, 'COMET_ERR_QUERY'],
  ['two clients', `channel=a&client=${'x'.repeat(22)}&client=${'x'.repeat(22)}`, 400, 'COMET_ERR_QUERY'],
  ['two origins', 'channel=a&origin=http://a&origin=http://b', 400, 'COMET_ERR_QUERY'],
  ['a short client', 'channel=a&client=short', 400, 'COMET_ERR_QUERY'],
  ['a history of 1001', 'channel=a&history=1001', 400, 'COMET_ERR_QUERY'],
  ['a negative history', 'channel=a&history=-1', 400, 'COMET_ERR_QUERY'],
  ['a history that is no number', 'channel=a&history=1e2', 400, 'COMET_ERR_QUERY'],
  ['two histories of three channels', 'channel=a&channel=b&channel=c&history=1&history=2', 400, 'COMET_ERR_QUERY'],
  ['two histories of one join', 'channel=a&channel=b&join=b&cursor=x&history=1&history=2', 400, 'COMET_ERR_QUERY'],
  ['a join without a cursor', 'channel=a&join=a', 400, 'COMET_ERR_QUERY'],
  ['a join of no channel', 'channel=a&join=b&cursor=x', 400, 'COMET_ERR_QUERY'],
  ['a target of more than 6 KiB', `channel=a&token=${'x'.repeat(6144)}`, 414, 'COMET_ERR_TARGET_TOO_LONG']
]

const BODIES: readonly (readonly [string, string, string, number, string])[] = [
  ['no JSON', 'application/json', '{', 400, 'COMET_ERR_BODY'],
  ['nothing', 'application/json', '', 400, 'COMET_ERR_BODY'],
  ['an array', 'application/json', '[]', 400, 'COMET_ERR_BODY'],
  ['null', 'application/json', 'null', 400, 'COMET_ERR_BODY'],
  ['no data', 'application/json', '{"channel":"a"}', 400, 'COMET_ERR_BODY'],
  ['no channel', 'application/json', '{"data":1}', 400, 'COMET_ERR_CHANNEL'],
  ['a channel that is a number', 'application/json', '{"channel":1,"data":1}', 400, 'COMET_ERR_CHANNEL'],
  [
    'a channel with a control character', 'application/json', '{"channel":"a\\u0000","data":1}', 400,
    'COMET_ERR_CHANNEL'
  ],
  ['a channel with a lone surrogate', 'application/json', '{"channel":"a\\ud800","data":1}', 400, 'COMET_ERR_CHANNEL'],
  ['a key with a lone surrogate', 'application/json', '{"channel":"a","data":1,"key":"\\udfff"}', 400, 'COMET_ERR_KEY'],
  ['a key that is no text', 'application/json', '{"channel":"a","data":1,"key":{}}', 400, 'COMET_ERR_KEY'],
  [
    'a message too large',
    'application/json',
    JSON.stringify({ channel: 'a', data: 'x'.repeat(65_536) }),
    413,
    'COMET_ERR_MESSAGE_TOO_LARGE'
  ],
  [
    'a body too large',
    'application/json',
    JSON.stringify({ channel: 'a', data: 'x'.repeat(200_000) }),
    413,
    'COMET_ERR_MESSAGE_TOO_LARGE'
  ],
  ['text', 'text/plain', '{"channel":"a","data":1}', 415, 'COMET_ERR_MEDIA_TYPE'],
  ['a form', 'application/x-www-form-urlencoded', 'channel=a&data=1', 415, 'COMET_ERR_MEDIA_TYPE'],
  ['no type', '', 'channel=a', 415, 'COMET_ERR_MEDIA_TYPE']
]

t.test('a request that asks for what cannot be is answered with a code of its own', async (t) => {
  const server = await serve(t)
  for (const transport of TRANSPORT_NAMES) {
    for (const [name, query, status, code] of QUERIES) {
      const body = await get(server, `/comet/${transport}?${query}`)
      t.equal(body.status, status, `${transport}: ${name}`)
      t.match(await textOf(body), new RegExp(`"code":"${code}"`), name)
    }
    const strange = await get(server, `/comet/${transport}?channel=a`, { 'last-event-id': 'no id' })
    t.equal(strange.status, 400, 'a Last-Event-ID that is none')
    strange.cut()
  }
  t.match(server.app.comet.stats(), { subscriptions: 0, channels: 0 })
  t.equal((await server.app.inject('/comet/long-poll?channel=a')).statusCode, 200)
})

t.test('keys that are not ours may come twice, and the longest names are taken', async (t) => {
  const server = await serve(t)
  for (const query of [
    'channel=a&token=1&token=2',
    many(128, 'channel'),
    `channel=${'x'.repeat(255)}`,
    `channel=${encodeURIComponent('\u{1f4a9}'.repeat(255))}`,
    'channel=a&channel=a'
  ]) {
    t.equal((await server.app.inject(`/comet/long-poll?${query}`)).statusCode, 200)
  }
})

t.test('a body that is no message is refused with a code of its own', async (t) => {
  const server = await serve(t, { comet: { publishRoute: true, authorize: () => true } })
  for (const [name, type, body, status, code] of BODIES) {
    const response = await fetch(server.url('publish'), { method: 'POST', headers: { 'content-type': type }, body })
    t.match(
      [response.status, await response.json()],
      [status, { code, statusCode: status, error: String, message: String }],
      name
    )
  }
  t.equal(server.app.comet.stats().published, 0)
})

t.test('a value that is no JSON is refused, and nobody is disturbed', async (t) => {
  const app = await createApp(t)
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  for (const value of [undefined, () => 1, Symbol('s'), cyclic, 1n, {
    toJSON () {
      throw new Error('no')
    }
  }, { toJSON: () => undefined }]) {
    await t.rejects(app.comet.publish('a', value), { code: 'COMET_ERR_DATA', statusCode: 400 })
  }
  await t.rejects(app.comet.publish('a', 'x'.repeat(65_535)), { code: 'COMET_ERR_MESSAGE_TOO_LARGE' })
  await t.rejects(app.comet.publish('', 1), { code: 'COMET_ERR_CHANNEL' })
  await t.rejects(app.comet.publish('a', 1, { key: '' }), { code: 'COMET_ERR_KEY' })
  await t.resolves(app.comet.publish('a', 'x'.repeat(65_534)))
})

t.test('a rejection that nobody awaits is logged and ends nothing', async (t) => {
  const lines: string[] = []
  const app = await createApp(t, {
    fastify: {
      logger: {
        level: 'error',
        stream: {
          write: (line: string) => {
            lines.push(line)
          }
        }
      }
    }
  })
  app.comet.publish('a', undefined) // eslint-disable-line @typescript-eslint/no-floating-promises -- that is the point
  await new Promise((resolve) => setTimeout(resolve, 20))
  t.match(lines, [/COMET_ERR_DATA/])
})
