import type { FastifyRequest } from 'fastify'
import t from 'tap'
import type { Test } from 'tap'
import { Authorization } from '../../../../lib/connections/authorization/authorization.ts'
import type { AuthorizeAnswer, AuthorizeQuestion } from '../../../../lib/connections/authorization/authorize.ts'
import { keepAuthorized } from '../../../../lib/connections/authorization/reauthorization.ts'
import { until } from '../../../fixtures/until.ts'

interface Kept {
  left: string[][]
  denied: string[][]
  errors: unknown[]
  questions: AuthorizeQuestion[]
  channels: string[]
}

/** A stream of channels a and b whose application answers so. */
function keep (
  t: Test,
  answer: (question: AuthorizeQuestion) => AuthorizeAnswer | Promise<AuthorizeAnswer>,
  interval = 2,
  onDenied: (end: () => void) => void = () => {}
): Kept {
  const kept: Kept = { left: [], denied: [], errors: [], questions: [], channels: ['a', 'b'] }
  const stream = {
    ended: undefined as string | undefined,
    get channels () { return kept.channels },
    deny (channels: readonly string[]) {
      kept.denied.push([...channels])
      kept.channels = kept.channels.filter((channel) => !channels.includes(channel))
      if (kept.channels.length === 0) stream.ended = 'unauthorized'
    }
  }
  const authorization = new Authorization((_request, question) => {
    kept.questions.push(question)
    return answer(question)
  }, interval)
  const request = {
    headers: {},
    log: {
      error: ({ err }: { err: unknown }) => {
        kept.errors.push(err)
      }
    }
  } as unknown as FastifyRequest
  const question = { action: 'subscribe' as const, channels: ['a', 'b', 'c'], history: 5 }
  const parts = { options: { authorizeInterval: interval }, authorization }
  t.teardown(keepAuthorized(parts, {
    stream,
    request,
    question,
    onDenied: (channels) => {
      kept.left.push(channels)
      onDenied(() => { stream.ended = 'disconnected' })
    }
  }))
  return kept
}

t.test('asks again and again about the channels that it has', async (t) => {
  const { questions, denied } = keep(t, () => true)
  await until(() => questions.length >= 3)
  t.same(questions[0], { action: 'subscribe', channels: ['a', 'b'], history: 5 })
  t.same(denied, [])
})

t.test('takes away what is denied, once', async (t) => {
  const { questions, left, denied } = keep(t, () => ({ channels: ['b', 'c'] }))
  await until(() => questions.length >= 4)
  t.same([left, denied], [[['a']], [['a']]])
  t.same(questions[3]?.channels, ['b'])
})

t.test('a refusal takes away all, and it is the stream that leaves then', async (t) => {
  const { left, denied } = keep(t, () => false)
  await until(() => denied.length > 0)
  await new Promise((resolve) => { setTimeout(resolve, 10) })
  t.same([left, denied], [[], [['a', 'b']]])
})

t.test('so does any error of the client', async (t) => {
  const { denied, errors } = keep(t, () => { throw Object.assign(new Error('expired'), { statusCode: 401 }) })
  await until(() => denied.length > 0)
  t.same([denied, errors], [[['a', 'b']], []])
})

for (const error of [new Error('broken'), Object.assign(new Error('broken'), { statusCode: 503 }), 'broken']) {
  t.test(`a server that fails with ${JSON.stringify(error)} denies nothing, and is logged`, async (t) => {
    const { denied, errors } = keep(t, () => { throw error })
    await until(() => errors.length >= 2)
    t.same(denied, [])
    t.equal(errors[0], error)
  })
}

t.test('an answer that is none takes away all, and is logged', async (t) => {
  const { denied, errors } = keep(t, () => ({ channels: undefined }) as unknown as AuthorizeAnswer)
  await until(() => denied.length > 0)
  t.same(denied, [['a', 'b']])
  t.match(errors[0], { code: 'COMET_ERR_ANSWER' })
})

t.test('slow answers that overlap take away once', async (t) => {
  const answers: (() => void)[] = []
  const { left, denied } = keep(t, () => new Promise((resolve) => {
    answers.push(() => { resolve({ channels: ['b'] }) })
  }))
  await until(() => answers.length >= 2)
  for (const answer of answers.splice(0)) answer()
  await new Promise(setImmediate)
  t.same([left, denied], [[['a']], [['a']]])
})

t.test('a stream that a hook ended because of a denial is not denied anything', async (t) => {
  const { left, denied } = keep(t, () => ({ channels: ['b'] }), 2, (end) => { end() })
  await until(() => left.length > 0)
  await new Promise((resolve) => { setTimeout(resolve, 10) })
  t.same([left, denied], [[['a']], []])
})

t.test('streams that began together are not asked about together', async (t) => {
  const delays = new Set<number | undefined>()
  const { setTimeout } = globalThis
  t.teardown(() => { globalThis.setTimeout = setTimeout })
  globalThis.setTimeout = ((callback: () => void, ms?: number) => {
    delays.add(ms)
    return setTimeout(callback, ms)
  }) as typeof globalThis.setTimeout
  for (let i = 0; i < 20; i++) keep(t, () => true, 1000)
  t.ok(delays.size > 15, `${delays.size} different intervals`)
  for (const delay of delays) t.ok(Number(delay) >= 800 && Number(delay) <= 1000, `${delay} ms`)
})
