import t from 'tap'
import type { FastifyInstance } from 'fastify'
import type { AuthorizeAnswer } from '../../../../lib/connections/authorization/authorize.ts'
import type { CometOptions } from '../../../../lib/plugin/options.ts'
import { TRANSPORT_NAMES } from '../../../../lib/protocol/wire.ts'
import { FakeLog } from '../../../fixtures/fake-log.ts'
import { createApp } from '../../../fixtures/server.ts'
import { until } from '../../../fixtures/until.ts'

const CLIENT = 'x'.repeat(22)

interface Question { answer: (answer: AuthorizeAnswer) => void }

/** An application whose `authorize` answers when the test does. */
async function createAsked (
  t: Parameters<typeof createApp>[0], options: CometOptions = {}
): Promise<{ app: FastifyInstance, questions: Question[], asked: (count: number) => Promise<void> }> {
  const questions: Question[] = []
  const authorize = () => new Promise<AuthorizeAnswer>((resolve) => { questions.push({ answer: resolve }) })
  const app = await createApp(t, { comet: { authorize, ...options } })
  await app.ready()
  return {
    app, questions, asked: (count) => until(() => questions.length === count, `authorize is called ${count} times`)
  }
}

for (const transport of TRANSPORT_NAMES) {
  t.test(`who is disconnected while authorize thinks is asked about again, on ${transport}`, async (t) => {
    const { app, questions, asked } = await createAsked(t)
    const response = app.inject(`/comet/${transport}?channel=a`)
    await asked(1)
    app.comet.disconnect({ user: 'ann' })
    questions[0]?.answer({ user: 'ann' })
    await asked(2)
    questions[1]?.answer(false)
    t.equal((await response).statusCode, 403)
    t.match(app.comet.stats(), { rejected: 1, subscriptions: 0, channels: 0 })
  })

  t.test(`who is disconnected while the log catches up is asked about again, on ${transport}`, async (t) => {
    let catchUp: () => void = () => {}
    const log = new FakeLog()
    log.catchUp = () => new Promise((resolve) => { catchUp = resolve })
    const answers: AuthorizeAnswer[] = [{ user: 'ann' }, false]
    const app = await createApp(t, { comet: { log, authorize: () => answers.shift() as AuthorizeAnswer } })
    const response = app.inject(`/comet/${transport}?channel=a&cursor=two-1`)
    response.catch(t.threw)
    await until(() => answers.length === 1)
    app.comet.disconnect({ channel: 'a' })
    catchUp()
    t.equal((await response).statusCode, 403)
  })
}

t.test('so is one whose answer is a remembered one', async (t) => {
  let catchUp: () => void = () => {}
  const log = new FakeLog()
  const answers: AuthorizeAnswer[] = [true, false]
  const app = await createApp(t, {
    comet: { log, authorizeInterval: 60_000, authorize: () => answers.shift() as AuthorizeAnswer }
  })
  const url = `/comet/long-poll?channel=a&client=${CLIENT}`
  t.equal((await app.inject(url)).statusCode, 200)
  log.catchUp = () => new Promise((resolve) => { catchUp = resolve })
  const response = app.inject(`${url}&cursor=two-1`)
  response.catch(t.threw)
  await until(() => catchUp.length > 0, 'the request waits for the log')
  t.equal(answers.length, 1, 'the answer was remembered')
  app.comet.disconnect({ client: CLIENT })
  catchUp()
  t.equal((await response).statusCode, 403)
})

t.test('so is one whom another node disconnects', async (t) => {
  const log = new FakeLog()
  const { app, questions, asked } = await createAsked(t, { log })
  const response = app.inject('/comet/eventsource?channel=a')
  await asked(1)
  log.add('', { node: 'another', disconnect: { user: 'ann' } })
  questions[0]?.answer({ user: 'ann' })
  await asked(2)
  questions[1]?.answer(false)
  t.equal((await response).statusCode, 403)
})

t.test('who is still allowed when asked about again gets in', async (t) => {
  const { app, questions, asked } = await createAsked(t)
  const response = app.inject('/comet/long-poll?channel=a')
  await asked(1)
  app.comet.disconnect({ user: 'ann' })
  questions[0]?.answer({ user: 'ann' })
  await asked(2)
  questions[1]?.answer({ user: 'ann' })
  t.match((await response).json(), [{ type: 'open' }])
})

t.test('nobody is asked about again because others are disconnected', async (t) => {
  const { app, questions, asked } = await createAsked(t)
  const response = app.inject('/comet/long-poll?channel=a')
  await asked(1)
  app.comet.disconnect({ user: 'bob' })
  app.comet.disconnect({ channel: 'b' })
  questions[0]?.answer({ user: 'ann' })
  t.equal((await response).statusCode, 200)
  t.equal(questions.length, 1)
})

t.test('a client that is disconnected at each question is let in by the third answer', async (t) => {
  let asked = 0
  const app: FastifyInstance = await createApp(t, {
    comet: {
      authorize: async () => {
        asked++
        await new Promise((resolve) => { disconnect.push(resolve) })
        return { user: 'ann' }
      }
    }
  })
  const disconnect: ((done?: unknown) => void)[] = []
  const response = app.inject('/comet/long-poll?channel=a')
  response.catch(t.threw)
  for (let i = 0; i < 3; i++) {
    await until(() => disconnect.length > 0)
    app.comet.disconnect({ user: 'ann' })
    disconnect.pop()?.()
  }
  t.match((await response).json(), [{ type: 'open' }])
  t.equal(asked, 3)
})

for (const [when, think, questions] of [
  ['synchronously', () => {}, 1], ['after a while', () => new Promise(setImmediate), 3]
] as const) {
  t.test(`an authorize that disconnects whom it lets in, ${when}, lets the client in`, async (t) => {
    let asked = 0
    const app: FastifyInstance = await createApp(t, {
      comet: {
        authorize: () => {
          asked++
          const thought = think()
          const answer = (): AuthorizeAnswer => {
            app.comet.disconnect({ user: 'ann' })
            return { user: 'ann' }
          }
          return thought === undefined ? answer() : thought.then(answer)
        }
      }
    })
    t.equal((await app.inject('/comet/long-poll?channel=a')).statusCode, 200)
    t.equal(asked, questions)
  })
}

t.test('a request that is refused gives its place back at once', async (t) => {
  const app = await createApp(t, { comet: { maxConnections: 1, authorize: () => false } })
  for (let i = 0; i < 3; i++) t.equal((await app.inject('/comet/long-poll?channel=a')).statusCode, 403)
  t.equal(app.comet.stats().rejected, 3)
})
