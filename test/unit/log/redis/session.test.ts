import type { Redis } from 'ioredis'
import t from 'tap'
import { BrokerClock } from '../../../../lib/log/broker/broker-clock.ts'
import { RedisSession } from '../../../../lib/log/redis/session.ts'
import { fakeState } from '../../../fixtures/fake-broker.ts'

type Args = readonly (string | number)[]

const KEYS = { stream: 'comet', meta: '{comet}:meta', key: '{comet}:key:' }

interface Answers {
  readonly append?: (args: Args) => unknown
  readonly read?: (args: Args) => unknown
  readonly head?: readonly (string | null)[]
}

/** A session whose commands are answered by these functions. */
function create ({ append, read, head = ['one', '0'] }: Answers): {
  session: RedisSession
  appends: Args[]
  closed: string[]
} {
  const appends: Args[] = []
  const closed: string[] = []
  const writer = {
    evalsha: async (_script: string, ...args: Args) => { appends.push(args); return append?.(args) },
    hmget: async () => head,
    disconnect () { closed.push('writer') }
  }
  const reader = { xread: async (...args: Args) => read?.(args), disconnect () { closed.push('reader') } }
  const session = new RedisSession({
    reader: reader as unknown as Redis,
    writer: writer as unknown as Redis,
    keys: KEYS,
    node: 'node',
    script: 'sha',
    limits: [100, 0],
    state: fakeState({ start: 5, end: 5 }),
    clock: new BrokerClock(Date.now())
  })
  return { session, appends, closed }
}

const record = (number: number, data = '1', key?: string) => ({ number, channel: 'a', data, key })
/** The offsets 6, 7, … for the records of a command: four arguments each, after the keys and five others. */
const offsets = ([count, ...args]: Args): string[] =>
  Array.from({ length: (args.length - Number(count) - 5) / 4 }, (_, i) => String(6 + i))

t.test('records of one tick are one command, and each has its answer', async (t) => {
  const { session, appends } = create({ append: offsets })
  const appended = await Promise.all([session.append(record(1)), session.append(record(2, '2', 'k'))])
  t.same(appended, [6, 7].map((offset) => ({ epoch: 'one', offset, isNew: true })))
  t.same(appends, [
    [3, KEYS.meta, KEYS.stream, '{comet}:key:a\nk', 'one', 'node', 100, 0, 300_000, 1, 'a', '1', 0, 2, 'a', '2', 3]
  ])
})

t.test('a command has at most 64 records, and about 256 KiB', async (t) => {
  const { session, appends } = create({ append: offsets })
  await Promise.all(Array.from({ length: 65 }, (_, i) => session.append(record(i + 1))))
  t.equal(appends.length, 2)
  await Promise.all([1, 2, 3].map((number) => session.append(record(number, 'x'.repeat(200_000)))))
  t.equal(appends.length, 4)
})

t.test('a record that is in the log already has the epoch and offset of that', async (t) => {
  const { session } = create({ append: () => [['zero', '3', 0]] })
  t.same(await session.append(record(1, '1', 'k')), { epoch: 'zero', offset: 3, isNew: false })
})

t.test('an epoch that is no name is refused', async (t) => {
  const { session } = create({ append: () => [['"', '3', 0]] })
  await t.rejects(session.append(record(1)), { message: /an epoch must be/ })
})

t.test('a server that accepts no more has refused the record; any other error is that of the session', async (t) => {
  for (const text of ['OOM command not allowed', 'MISCONF no disk', 'NOREPLICAS not enough']) {
    const { session } = create({ append: () => { throw new Error(text) } })
    await t.rejects(session.append(record(1)), { code: 'COMET_ERR_LOG_REFUSED', message: new RegExp(text) })
  }
  const { session } = create({ append: () => { throw new Error('NOSCRIPT') } })
  await t.rejects(session.append(record(1)), { message: 'NOSCRIPT', code: undefined })
})

const raw = (offset: number, epoch = 'one') =>
  [`${offset}-0`, ['c', 'a', 'd', '1', 'e', epoch, 'o', 'node-1', 't', '1700000000000']]

t.test('entries come in batches, each read after the last one', async (t) => {
  const positions: unknown[] = []
  const replies = [[['comet', [raw(6), raw(7)]]], null]
  const { session } = create({
    read: (args) => {
      positions.push(args.at(-1))
      return replies.shift()
    },
    head: ['one', '7']
  })
  const offsets: number[][] = []
  for await (const entries of session.entries(5)) {
    offsets.push(entries.map(({ offset }) => offset))
    if (entries.length === 0) break
  }
  t.same([offsets, positions], [[[6, 7], []], ['5', '7-0']])
})

t.test('reading ends when another epoch has begun, or when entries are gone', async (t) => {
  const cases: [answers: Answers, message: string][] = [
    [{ read: () => null, head: ['two', '9'] }, 'another epoch has begun'],
    [{ read: () => null, head: ['one', '9'] }, 'entries are gone that were not read'],
    [{ read: () => [['comet', [raw(6, 'two')]]], head: ['two', '6'] }, 'another epoch has begun']
  ]
  for (const [answers, message] of cases) {
    const { session } = create(answers)
    await t.rejects(async () => { for await (const entries of session.entries(5)) t.same(entries, []) }, { message })
  }
})

t.test('an entry of another epoch, where none has begun, is foreign', async (t) => {
  const { session } = create({ read: () => [['comet', [raw(6, 'two')]]] })
  const { value } = await session.entries(5).next()
  t.match(value, [{ offset: 6, foreign: /an epoch that there is none of/ }])
})

t.test('head() asks for epoch and end; close() ends both connections', async (t) => {
  const { session, closed } = create({ head: ['one', '7'] })
  t.same(await session.head(), { epoch: 'one', end: 7 })
  t.same(await create({ head: [null, null] }).session.head(), { epoch: '', end: 0 })
  session.close()
  t.same(closed, ['reader', 'writer'])
})
