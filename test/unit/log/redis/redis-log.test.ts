import t from 'tap'
import { Recorder } from '../../../../lib/log/contract/recorder.ts'
import { redisLog, type RedisLogOptions } from '../../../../lib/log/redis/redis-log.ts'
import { quoted, readDocument, section, table } from '../../../meta/docs/markdown.ts'

t.test('options that break a rule, unknown ones and a value that is no client are refused', async (t) => {
  const client = { duplicate () {} } as unknown as Parameters<typeof redisLog>[0]
  const wrong = { stream: '', maxLength: 0, maxAge: -1, publishTimeout: 0, loadLength: 1.5 }
  for (const [name, value] of Object.entries(wrong)) {
    t.throws(() => redisLog(client, { [name]: value }), { code: 'COMET_ERR_OPTION' }, name)
  }
  for (const stream of ['a{', 'a{}', '{a}{b}', 'a}b', 5]) {
    t.throws(() => redisLog(client, { stream } as RedisLogOptions), { code: 'COMET_ERR_OPTION' }, String(stream))
  }
  t.throws(() => redisLog(client, { strange: 1 } as RedisLogOptions), { code: 'COMET_ERR_OPTION_UNKNOWN' })
  t.throws(() => redisLog(undefined as unknown as Parameters<typeof redisLog>[0]), { code: 'COMET_ERR_OPTION' })
  redisLog(client, { stream: 'app{comet}log' })
})

t.test('every option is documented with its rule', async (t) => {
  const client = { duplicate () {} } as unknown as Parameters<typeof redisLog>[0]
  for (const [name, , rule] of table(section(readDocument('docs/REFERENCE.md'), 'Redis'))) {
    t.throws(() => redisLog(client, { [quoted(name)]: null }), {
      code: 'COMET_ERR_OPTION', message: `comet: option "${quoted(name)}" must be ${rule}, got null`
    })
  }
})

/** A client whose connections answer a command `INFO`, or reject. */
function fakeClient (info: () => string): { client: Parameters<typeof redisLog>[0], closed: () => number } {
  let closed = 0
  const connection = { on () {}, async connect () {}, info: async () => info(), disconnect () { closed++ } }
  return { client: { duplicate: () => connection } as unknown as Parameters<typeof redisLog>[0], closed: () => closed }
}

t.test('a server that cannot have the log is left, with the reason', async (t) => {
  let count = 0
  const cases: [info: () => string, reason: RegExp][] = [
    [() => 'role:slave\r\n', /this server is a replica/],
    [() => `role:master\r\nrun_id:${++count}\r\nmaster_replid:x\r\n`, /lead to different servers/],
    [() => { throw new Error('no way') }, /no way/]
  ]
  for (const [info, reason] of cases) {
    const { client, closed } = fakeClient(info)
    const log = redisLog(client)
    const given = await new Promise((resolve) => {
      log.start(Object.assign(new Recorder(), { reachable: (_isReachable: boolean, why: unknown) => { resolve(why) } }))
    })
    t.match(given, { message: reason })
    t.equal(closed(), 2, 'both connections are closed')
    await log.close()
  }
})
