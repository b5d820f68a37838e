import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import type { AuthorizeAnswer, AuthorizeQuestion } from '../../lib/connections/authorization/authorize.ts'
import { get, textOf } from '../fixtures/bodies.ts'
import { serve } from '../fixtures/server.ts'
import { connectTo, frame, held, isMessage, messages, pathOf, readUntil, rest } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

const CLIENT = 'c'.repeat(22)

t.test('it is asked once, after all hooks, for what the client wants', async (t) => {
  const questions: AuthorizeQuestion[] = []
  const server = await serve(t, {
    comet: {
      authorize: (request, question) => {
        questions.push({ ...question, user: Reflect.get(request, 'user') } as AuthorizeQuestion)
        return true
      }
    },
    before: (app) => { app.addHook('preHandler', async (request) => { Object.assign(request, { user: 'ann' }) }) }
  })
  for (const query of [{}, { history: [3, 7] }, { cursor: 'x' }]) {
    (await connectTo(server, 'eventsource', { channel: ['a', 'b'], ...query })).cut()
  }
  const asked = { action: 'subscribe', channels: ['a', 'b'], user: 'ann' }
  t.strictSame(questions, [{ ...asked, history: 0 }, { ...asked, history: 7 }, { ...asked, history: Infinity }])
})

for (const transport of TRANSPORT_NAMES) {
  t.test(`whatever it says or throws, now or later, is the answer on ${transport}`, async (t) => {
    let answer: () => AuthorizeAnswer | Promise<AuthorizeAnswer> = () => false
    const server = await serve(t, { comet: { authorize: () => answer() } })
    const refused = async (): Promise<string> => {
      const body = await get(server, pathOf(transport, { channel: 'a' }))
      return `${body.status} ${/"code":"(\w+)"/.exec(await textOf(body))?.[1]}`
    }
    const teapot = Object.assign(new Error('no'), { statusCode: 418, code: 'TEAPOT' })
    t.equal(await refused(), '403 COMET_ERR_FORBIDDEN')
    answer = async () => false
    t.equal(await refused(), '403 COMET_ERR_FORBIDDEN')
    answer = () => ({ channels: ['other'] })
    t.equal(await refused(), '403 COMET_ERR_FORBIDDEN')
    answer = () => { throw teapot }
    t.equal(await refused(), '418 TEAPOT')
    answer = async () => { throw teapot }
    t.equal(await refused(), '418 TEAPOT')
    answer = () => 'yes' as unknown as boolean
    t.equal(await refused(), '500 COMET_ERR_ANSWER')
    answer = async () => ({ user: 'ann' })
    const client = await held(server, transport)
    t.match(server.app.comet.subscribers('a'), [{ user: 'ann', transport }])
    client.cut()
  })
}

t.test('a stream is asked about again, and loses the channels that are not its any more', async (t) => {
  let allowed = ['a', 'b', 'c']
  const server = await serve(t, { comet: { authorizeInterval: 30, authorize: async () => ({ channels: allowed }) } })
  const client = await held(server, 'eventsource', { channel: ['a', 'b', 'c'] })
  allowed = ['b', 'c']
  t.strictSame(await frame(client, 'denied'), { type: 'denied', channels: ['a'] })
  await server.app.comet.publish('a', 'secret')
  await server.app.comet.publish('b', 'open')
  t.match(await readUntil(client, isMessage), [{ channel: 'b' }])
  t.equal(server.app.comet.subscribers('a').length, 0)
  allowed = []
  t.strictSame((await rest(client)).at(-1), { type: 'close', reason: 'unauthorized' })
})

t.test('one whose authorize is broken for a moment goes on, one that is refused ends', async (t) => {
  let fails = 0
  let statusCode = 500
  let isBroken = false
  const server = await serve(t, {
    comet: {
      authorizeInterval: 20,
      authorize: () => {
        if (!isBroken) return true
        fails++
        throw Object.assign(new Error('database'), { statusCode })
      }
    }
  })
  const client = await held(server, 'iframe')
  isBroken = true
  await until(() => fails >= 3, 'authorize has failed three times')
  await server.app.comet.publish('a', 1)
  t.match(await messages(client, 1), [{ data: 1 }])
  statusCode = 401
  t.strictSame((await rest(client)).at(-1), { type: 'close', reason: 'unauthorized' })
})

t.test('polls are let in by the last answer to the same question of the same client', async (t) => {
  let asked = 0
  const server = await serve(t, {
    comet: {
      authorizeInterval: 60_000,
      authorize: async () => {
        asked++
        return true
      }
    }
  })
  const poll = async (query: object, headers = {}): Promise<number> => {
    const body = await get(server, pathOf('long-poll', { channel: 'a', client: CLIENT, ...query }), headers)
    await textOf(body)
    return asked
  }
  t.equal(await poll({ history: 1 }), 1)
  t.equal(await poll({}), 1, 'the same, and less of the past')
  t.equal(await poll({ cursor: 'of-another-log' }), 1, 'and at a cursor')
  t.equal(await poll({ channel: 'b' }), 2, 'other channels')
  t.equal(await poll({ token: 1 }), 3, 'another key of the application')
  t.equal(await poll({}, { cookie: 'a=1' }), 4, 'another cookie')
  t.equal(await poll({}, { authorization: 'b' }), 5, 'another authorization')
  t.equal(await poll({ client: 'd'.repeat(22) }), 6, 'another client')
  t.equal(await poll({ client: undefined }), 7, 'no client')
  t.equal(await poll({ client: undefined }), 8, 'no client again')
  t.equal(await poll({}), 8, 'the first is still known')
  server.app.comet.disconnect({ user: 'nobody' })
  t.equal(await poll({}), 9, 'disconnect forgets')
  await server.app.comet.publish('a', 1)
  t.equal(await poll({ cursor: 'earliest' }), 10, 'all of the past')
})

t.test('a cached answer ages', async (t) => {
  let asked = 0
  const server = await serve(t, { comet: { authorizeInterval: 20, authorize: () => { asked++; return true } } })
  const path = pathOf('long-poll', { channel: 'a', client: CLIENT })
  await until(async () => { await server.app.inject(path); return asked >= 3 }, 'authorize is asked for the third time')
  t.pass()
})

t.test('publishing over the route passes it every time', async (t) => {
  const questions: AuthorizeQuestion[] = []
  const server = await serve(t, {
    comet: {
      publishRoute: true,
      authorize: (_request, question) => {
        questions.push(question)
        return question.channels[0] === 'a'
      }
    }
  })
  const publish = (channel: string, headers = {}) =>
    server.app.inject({ method: 'POST', url: '/comet/publish', headers, payload: { channel, data: 1, key: 'k' } })
  const first = await publish('a')
  t.match([first.statusCode, first.json()], [201, { id: server.app.comet.cursor() }])
  t.strictSame((await publish('a')).json(), first.json(), 'the same key')
  t.equal((await publish('b')).statusCode, 403)
  t.strictSame(questions[0], { action: 'publish', channels: ['a'], history: 0 })
  t.equal(questions.length, 3)
  t.equal((await publish('a', { origin: 'https://evil.example' })).statusCode, 403, 'a page of a foreign site')
  t.equal((await publish('a', { 'sec-fetch-site': 'cross-site' })).statusCode, 403)
  t.equal(
    (await publish('a', { 'sec-fetch-site': 'same-origin', origin: 'https://behind-a-proxy.example' })).statusCode, 201
  )
})

t.test('nobody may publish over the route unless authorize says so', async (t) => {
  const server = await serve(t, { comet: { publishRoute: true } })
  t.equal(
    (await server.app.inject({ method: 'POST', url: '/comet/publish', payload: { channel: 'a', data: 1 } })).statusCode,
    403
  )
})
