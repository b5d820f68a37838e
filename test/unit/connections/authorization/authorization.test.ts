import type { FastifyRequest } from 'fastify'
import t from 'tap'
import { Authorization, type Permit } from '../../../../lib/connections/authorization/authorization.ts'
import { show } from '../../../../lib/errors.ts'
import type { AuthorizeAnswer, AuthorizeQuestion } from '../../../../lib/connections/authorization/authorize.ts'
import { stopClock } from '../../../fixtures/bus.ts'

const QUESTION: AuthorizeQuestion = { action: 'subscribe', channels: ['a', 'b'], history: 0 }

function request (headers: Record<string, string> = {}): FastifyRequest {
  return { headers } as unknown as FastifyRequest
}

function ask (answer: unknown, question = QUESTION): Permit | Promise<Permit> {
  return new Authorization(() => answer as AuthorizeAnswer, 0).ask(request(), question)
}

const answers: [answer: AuthorizeAnswer, permit: Permit][] = [
  [true, { channels: ['a', 'b'], user: undefined }],
  [{ channels: ['b'], user: undefined } as unknown as AuthorizeAnswer, { channels: ['b'], user: undefined }],
  [{ user: 'alice' }, { channels: ['a', 'b'], user: 'alice' }],
  [{ channels: ['b'] }, { channels: ['b'], user: undefined }],
  [{ channels: ['b', 'c', 'a'], user: 'alice' }, { channels: ['a', 'b'], user: 'alice' }]
]

for (const [answer, permit] of answers) {
  t.test(`${JSON.stringify(answer)} allows ${permit.channels.join()}`, async (t) => {
    t.same(ask(answer), permit)
    t.same(await ask(Promise.resolve(answer)), permit)
  })
}

t.test('an answer may come from a promise of any library', async (t) => {
  const thenable = (answer: AuthorizeAnswer): unknown => ({
    then: (resolve: (answer: AuthorizeAnswer) => void) => {
      resolve(answer)
    }
  })
  t.same(await ask(thenable({ channels: ['b'] })), { channels: ['b'], user: undefined })
  await t.rejects(async () => ask(thenable(false)), { code: 'COMET_ERR_FORBIDDEN' })
})

for (const answer of [false, { channels: [] }, { channels: ['c'] }]) {
  t.test(`${JSON.stringify(answer)} allows nothing`, async (t) => {
    t.throws(() => ask(answer), { code: 'COMET_ERR_FORBIDDEN', statusCode: 403, message: 'not allowed to subscribe' })
    await t.rejects(async () => ask(Promise.resolve(answer)), { code: 'COMET_ERR_FORBIDDEN' })
  })
}

t.test('a refusal is the same for all channels', async (t) => {
  for (const channel of ['a', 'b']) {
    const question = (action: 'subscribe' | 'publish'): AuthorizeQuestion =>
      ({ action, channels: [channel], history: 0 })
    t.throws(() => ask(false, question('subscribe')), { message: 'not allowed to subscribe' })
    t.throws(() => ask({ channels: ['c'] }, question('publish')), { message: 'not allowed to publish' })
  }
})

const wrong: [answer: unknown, got: string][] = [
  [undefined, 'undefined'],
  [null, 'null'],
  [1, '1'],
  ['yes', '"yes"'],
  [['a'], 'an array of 1'],
  [{}, 'an object without channels and user'],
  [{ user: undefined }, 'an object without channels and user'],
  [{ allowed: false }, 'the unknown key "allowed"'],
  [{ channel: ['a'] }, 'the unknown key "channel"'],
  [{ id: 7, user: 'ann' }, 'the unknown key "id"'],
  [{ channels: undefined }, 'channels: undefined'],
  [{ channels: undefined, user: 'ann' }, 'channels: undefined'],
  [{ channels: 'ab' }, 'channels: "ab"'],
  [{ channels: new Set(['a']) }, 'channels: an object'],
  [{ user: 7 }, 'user: 7'],
  [{ user: null }, 'user: null'],
  [{ user: '' }, 'user: ""'],
  [{ channels: ['a'], user: '' }, 'user: ""']
]

for (const [answer, got] of wrong) {
  t.test(`${show(answer)} (${got}) is no answer`, async (t) => {
    const error = {
      code: 'COMET_ERR_ANSWER',
      statusCode: 500,
      message: `authorize must return true, false or an object with channels, user or both, got ${got}`
    }
    t.throws(() => ask(answer), error)
    await t.rejects(async () => ask(Promise.resolve(answer)), error)
  })
}

t.test('an answer is used as it was checked: each part is read once', async (t) => {
  let [channels, user] = [0, 0]
  const answer = {
    get channels () { return channels++ === 0 ? ['a'] : ['a', 'b'] },
    get user () { return user++ === 0 ? 'ann' : 'eve' }
  }
  t.same(ask(answer), { channels: ['a'], user: 'ann' })
  t.same([channels, user], [1, 1])
})

t.test('what a getter of an answer throws goes on', async (t) => {
  const answer = (): unknown => ({ get user () { throw new Error('broken getter') } })
  t.throws(() => ask(answer()), { message: 'broken getter' })
  await t.rejects(async () => ask(Promise.resolve(answer())), { message: 'broken getter' })
  t.throws(() => ask({ get then () { throw new Error('broken then') } }), { message: 'broken then' })
})

t.test('what authorize throws goes on', async (t) => {
  const error = Object.assign(new Error('pay first'), { statusCode: 402 })
  t.throws(() => new Authorization(() => { throw error }, 0).ask(request(), QUESTION), error)
  await t.rejects(async () => ask(Promise.reject(error)), error)
})

t.test('is given the request and the question', async (t) => {
  const given: unknown[] = []
  const authorization = new Authorization((...args) => {
    given.push(args)
    return true
  }, 0)
  const asking = request()
  await authorization.ask(asking, QUESTION)
  t.equal((given as [[unknown, unknown]])[0][0], asking)
  t.same((given as [[unknown, unknown]])[0][1], QUESTION)
})

const CLIENT = 'x'.repeat(22)

/** An application that counts how often it is asked. */
function counting (interval: number, answer: () => AuthorizeAnswer | Promise<AuthorizeAnswer> = () => true): {
  authorization: Authorization
  asked: () => number
} {
  let count = 0
  const authorization = new Authorization(() => {
    count++
    return answer()
  }, interval)
  return { authorization, asked: () => count }
}

t.test('an answer serves the same client until its time is over', async (t) => {
  const pass = stopClock(t)
  const { authorization, asked } = counting(100)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  pass(99)
  t.same(await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 }), {
    channels: ['a', 'b'], user: undefined
  })
  t.equal(asked(), 1)
  pass(1)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  t.equal(asked(), 2)
})

t.test('so does an answer that was promised', async (t) => {
  const { authorization, asked } = counting(100, async () => ({ channels: ['a'] }))
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  t.same(
    await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 }),
    { channels: ['a'], user: undefined }
  )
  t.equal(asked(), 1)
})

const others: [
  what: string, headers: Record<string, string>, question: AuthorizeQuestion, client: string | undefined, query: string
][] = [
  ['another client', {}, QUESTION, 'y'.repeat(22), ''],
  ['other channels', {}, { ...QUESTION, channels: ['a'] }, CLIENT, ''],
  ['another Authorization', { authorization: 'Bearer x' }, QUESTION, CLIENT, ''],
  ['another cookie', { cookie: 'a=b' }, QUESTION, CLIENT, ''],
  ['the same text as Authorization and not as cookie', { authorization: 'a=b' }, QUESTION, CLIENT, ''],
  ['other query keys', {}, QUESTION, CLIENT, 'token=x'],
  ['no client', {}, QUESTION, undefined, '']
]

for (const [what, headers, question, client, query] of others) {
  t.test(`it does not serve a request with ${what}`, async (t) => {
    const { authorization, asked } = counting(100)
    await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
    await authorization.askCached(request(headers), question, { client, others: query, past: 0 })
    t.equal(asked(), 2)
  })
}

t.test('without an interval it asks each time', async (t) => {
  const { authorization, asked } = counting(0)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  t.equal(asked(), 2)
})

t.test('a refusal is not remembered', async (t) => {
  const { authorization, asked } = counting(100, () => false)
  t.throws(
    () => authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 }),
    { code: 'COMET_ERR_FORBIDDEN' }
  )
  t.throws(
    () => authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 }),
    { code: 'COMET_ERR_FORBIDDEN' }
  )
  t.equal(asked(), 2)
})

t.test('forgets its answers when it is told to', async (t) => {
  const { authorization, asked } = counting(100)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  authorization.forget()
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  t.equal(asked(), 2)
})

t.test('an answer that was on its way then is forgotten too', async (t) => {
  let answer: (answer: AuthorizeAnswer) => void = () => {}
  const { authorization, asked } = counting(100, () => new Promise((resolve) => { answer = resolve }))
  const permit = authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  authorization.forget()
  answer(true)
  await permit
  const again = authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  answer(true)
  await again
  t.equal(asked(), 2)
})

t.test('does not keep answers whose time is over', async (t) => {
  const pass = stopClock(t)
  const { authorization, asked } = counting(100)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: 0 })
  pass(50)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: 'token=x', past: 0 })
  pass(50)
  authorization.tick(performance.now())
  t.equal(asked(), 2)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: 'token=x', past: 0 })
  t.equal(asked(), 2)
  authorization.tick(Infinity)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: 'token=x', past: 0 })
  t.equal(asked(), 3)
})

t.test('an answer about some of the past is good for less of it, not for more', async (t) => {
  const { authorization, asked } = counting(100)
  for (const past of [10, 0, 10]) {
    await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past })
  }
  t.equal(asked(), 1)
  await authorization.askCached(request(), QUESTION, { client: CLIENT, others: '', past: Infinity })
  t.equal(asked(), 2)
})
