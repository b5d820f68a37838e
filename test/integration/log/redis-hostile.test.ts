// What somebody else who can write to Redis does to the log.
import t from 'tap'
import { redisLog, type RedisLogOptions } from '../../../lib/log/redis/redis-log.ts'
import { Recorder } from '../../../lib/log/contract/recorder.ts'
import { RedisServer, startRedisLog } from '../../fixtures/redis.ts'
import { needs } from '../../fixtures/requirement.ts'

t.test('a log in a Redis that others write to', async (t) => {
  if (!needs(t, 'redis')) return
  const redis = await RedisServer.start()
  t.teardown(() => redis.stop())
  const admin = redis.client(t)

  const start = (options: RedisLogOptions) => startRedisLog(t, redis, options)

  t.test('an epoch that is no name is replaced, and runs nothing', async (t) => {
    const { log, reader } = await start({ stream: 'epoch' })
    await log.append('a', '1', undefined)
    await admin.hset('{epoch}:meta', 'epoch', 'x\nredis.call("SET", "secret-of-others", "taken")\n--')
    const { epoch } = await log.append('a', '2', undefined)
    await log.catchUp()
    t.match(epoch, /^[A-Za-z0-9]{12}$/)
    t.same([reader.epoch, reader.epochs.length], [epoch, 2])
    t.same(reader.held.map(({ data }) => data), ['1', '2'])
    t.equal(await admin.exists('secret-of-others'), 0)
  })

  t.test('a position that is no number begins another epoch, after all that was ever read', async (t) => {
    for (const [field, value] of Object.entries({ start: 'soon', end: 'soon', previous: '"' })) {
      const { log, reader } = await start({ stream: field })
      const { offset } = await log.append('a', '1', undefined)
      await admin.hset(`{${field}}:meta`, { [field]: value, identity: 'another' })
      const other = await start({ stream: field })
      const again = await log.append('a', '2', undefined)
      t.ok(again.offset > offset, field)
      await other.reader.until(() => other.reader.held.length === 2)
      t.same([reader.data, other.reader.epoch], [[1, 2], reader.epoch], field)
    }
  })

  t.test('a key that stands for what is no id is unknown', async (t) => {
    const { log } = await start({ stream: 'keyed' })
    await admin.set('{keyed}:key:a\nk', '"}-1')
    t.match(await log.append('a', '1', 'k'), { isNew: true, epoch: /^\w+$/ })
  })

  t.test('entries of another program are skipped once, and cost no more than that', async (t) => {
    const { log, reader } = await start({ stream: 'used' })
    await log.append('a', '1', undefined)
    const now = Date.now()
    for (const id of [0, 1]) await admin.xadd('used', `${now}-${id}`, 'temperature', '20')
    await reader.until(() => reader.foreignReasons.length > 0)
    const before = await reads()
    await new Promise((resolve) => { setTimeout(resolve, 300) })
    t.ok(await reads() - before < 10)
    await log.append('a', '2', undefined)
    await log.catchUp()
    t.same(reader.data, [1, 2])
    t.same(reader.held.map(({ data }) => data), ['1', '2'])
  })

  t.test('an entry of an epoch that there is none of is skipped', async (t) => {
    const { log, reader } = await start({ stream: 'forged' })
    await log.append('a', '1', undefined)
    await admin.xadd('forged', '2-0', 'c', 'a', 'd', '"forged"', 'e', 'none', 'o', 'x-1', 't', String(Date.now()))
    await reader.until(() => reader.foreignReasons.length > 0)
    t.equal(reader.epochs.length, 1)
    await log.append('a', '2', undefined)
    await log.catchUp()
    t.same(reader.data, [1, 2])
  })

  t.test('an entry without a time is trimmed like one that is old', async (t) => {
    await admin.xadd('aged', '1-0', 'temperature', '20')
    const { log } = await start({ stream: 'aged', maxAge: 60_000 })
    await Promise.all(Array.from({ length: 150 }, () => log.append('a', '1', undefined)))
    t.equal((await admin.xrange('aged', '-', '+', 'COUNT', 1))[0]?.[1][0], 'c')
  })

  t.test('ids that leave no room for those of a log are refused, with what to do', async (t) => {
    await admin.xadd('full', '18446744073709551614-1', 'temperature', '20')
    const log = redisLog(redis.client(t), { stream: 'full' })
    t.teardown(() => log.close())
    const reason = await new Promise((resolve) => {
      log.start(Object.assign(new Recorder(), {
        reachable: (_isReachable: boolean, reason: unknown) => {
          resolve(reason)
        }
      }))
    })
    t.match(reason, { message: /delete the stream/ })
  })

  async function reads (): Promise<number> {
    return Number(/cmdstat_xread:calls=(\d+)/.exec(await admin.info('commandstats'))?.[1])
  }
})
