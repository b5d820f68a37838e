// What the log in Redis leaves there, and what it makes of a Redis that is not as it should be.
import type { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import { KEY_LIFETIME } from '../../../lib/log/message-log.ts'
import { redisLog, type RedisLogOptions } from '../../../lib/log/redis/redis-log.ts'
import { APPEND } from '../../../lib/log/redis/append.lua.ts'
import { Recorder } from '../../../lib/log/contract/recorder.ts'
import { RedisServer, startRedisLog } from '../../fixtures/redis.ts'
import { needs } from '../../fixtures/requirement.ts'

t.test('a log in Redis', async (t) => {
  if (!needs(t, 'redis')) return
  const redis = await RedisServer.start()
  t.teardown(() => redis.stop())
  const admin = redis.client(t)

  const start = (options: RedisLogOptions) => startRedisLog(t, redis, options)

  t.test('all keys have the hash tag of the stream, and those of messages expire', async (t) => {
    const { log } = await start({ stream: 'tagged' })
    await log.append('a', '1', 'k')
    const keys = (await admin.keys('*tagged*')).sort()
    t.same(keys, ['tagged', '{tagged}:key:a\nk', '{tagged}:meta'])
    t.ok(await admin.pttl('{tagged}:key:a\nk') > 0)
  })

  t.test('a node that has appended nothing for 10 minutes is forgotten when another one starts', async (t) => {
    const { log } = await start({ stream: 'gone' })
    await log.append('a', '1', undefined)
    const fieldsOfNodes = async (): Promise<string[]> =>
      (await admin.hkeys('{gone}:meta')).filter((name) => name.includes(':')).sort()
    const alive = await fieldsOfNodes()
    t.equal(alive.length, 2)
    await admin.hset('{gone}:meta', {
      'record:0': 7, 'seen:0': Date.now() - 601_000, 'record:1': 7, 'seen:1': Date.now() - 590_000
    })
    await start({ stream: 'gone' })
    t.same(await fieldsOfNodes(), ['record:1', 'seen:1', ...alive].sort())
  })

  t.test('keeps about maxLength entries', async (t) => {
    const { log } = await start({ stream: 'short', maxLength: 100 })
    await Promise.all(Array.from({ length: 1000 }, () => log.append('a', '1', undefined)))
    t.ok(await admin.xlen('short') < 400)
  })

  t.test('removes entries that are older than maxAge when new ones are added', async (t) => {
    const { log } = await start({ stream: 'young', maxAge: 20 })
    await Promise.all(Array.from({ length: 150 }, () => log.append('a', '1', undefined)))
    await new Promise((resolve) => { setTimeout(resolve, 50) })
    await Promise.all(Array.from({ length: 150 }, () => log.append('a', '1', undefined)))
    t.ok(await admin.xlen('young') <= 250)
  })

  t.test('loads no more than loadLength entries', async (t) => {
    const { log } = await start({ stream: 'long' })
    await Promise.all(Array.from({ length: 50 }, (_, index) => log.append('a', String(index), undefined)))
    const { reader } = await start({ stream: 'long', loadLength: 10 })
    t.equal(reader.history, 10)
    t.same(reader.begun, [40])
  })

  t.test('a record that is sent again is found, and not appended again', async (t) => {
    const { log, reader } = await start({ stream: 'again' })
    const { epoch, offset } = await log.append('a', '1', undefined)
    await log.append('a', '2', undefined)
    const [node = ''] = (await admin.hkeys('{again}:meta')).filter((name) => name.startsWith('seen:'))
      .map((name) => name.slice(5))
    const send = (number: number) =>
      admin.eval(APPEND, 2, '{again}:meta', 'again', epoch, node, 1000, 0, KEY_LIFETIME, number, 'a', '1', 0)
    t.same(await send(1), [[epoch, String(offset), 1]])
    t.equal(await admin.xlen('again'), 2)
    await admin.xtrim('again', 'MAXLEN', 0)
    t.same(await send(1), [[epoch, '2', 1]])
    await send(3)
    await reader.until(() => reader.entries.length === 3)
  })

  t.test('a record that is sent again, and was not appended because of its key, is answered as the first time', async (t) => {
    const [one, other] = [await start({ stream: 'keyed' }), await start({ stream: 'keyed' })]
    const first = await one.log.append('a', '1', 'k')
    await other.log.append('a', '2', 'k')
    await other.log.append('a', '3', undefined)
    const [[, [, , , , , epoch = '', , origin = '']] = ['', []]] = await admin.xrevrange('keyed', '+', '-', 'COUNT', 1)
    const sent = await admin.eval(APPEND, 3, '{keyed}:meta', 'keyed', '{keyed}:key:a\nk', epoch, origin.split('-')
      .slice(0, -1)
      .join('-'), 1000, 0, KEY_LIFETIME, 1, 'a', '2', 3)
    t.same(sent, [[first.epoch, String(first.offset), 0]])
    t.equal(await admin.xlen('keyed'), 2)
  })

  t.test('a publish is rejected while the server accepts no more, and the log continues', async (t) => {
    const { log, reader } = await start({ stream: 'full' })
    await admin.config('SET', 'maxmemory', '1')
    await t.rejects(Promise.resolve(log.append('a', '1', undefined)), {
      code: 'COMET_ERR_LOG_REFUSED', statusCode: 503
    })
    await admin.config('SET', 'maxmemory', '0')
    await log.append('a', '2', undefined)
    t.same(reader.data, [2])
    t.equal(reader.epochs.length, 1)
  })

  t.test('scripts that were forgotten are loaded again', async (t) => {
    const { log, reader } = await start({ stream: 'forgetful' })
    await log.append('a', '1', undefined)
    await admin.script('FLUSH')
    await log.append('a', '2', undefined)
    t.same(reader.data, [1, 2])
    t.equal(reader.epochs.length, 1)
  })

  t.test('a stream that was deleted continues where it was', async (t) => {
    const { log, reader } = await start({ stream: 'deleted' })
    const { offset } = await log.append('a', '1', undefined)
    await admin.del('deleted')
    t.match(await log.append('a', '2', undefined), { offset: offset + 1 })
    t.equal(reader.epochs.length, 1)
  })

  t.test('a flush is noticed although nothing is published', async (t) => {
    const { log, reader } = await start({ stream: 'idle' })
    await log.append('a', '1', undefined)
    await admin.flushall()
    await reader.until(() => reader.epochs.length === 2)
    t.match(await log.append('a', '2', undefined), { epoch: reader.epoch })
  })

  t.test('two connections that lead to different servers are no log', async (t) => {
    const other = await RedisServer.start()
    t.teardown(() => other.stop())
    let connections = 0
    const duplicate: Redis['duplicate'] = (options) =>
      (connections++ % 2 === 0 ? redis : other).client(t).duplicate(options)
    t.match(await whyUnreachable(t, { duplicate } as Redis), {
      message: 'the two connections lead to different servers'
    })
  })

  t.test('a replica is no place for a log', async (t) => {
    const replica = await RedisServer.start()
    t.teardown(() => replica.stop())
    await replica.client(t).replicaof('127.0.0.1', redis.port)
    t.match(await whyUnreachable(t, replica.client(t)), { message: 'this server is a replica' })
  })
})

function whyUnreachable (t: Test, client: Redis): Promise<unknown> {
  const log = redisLog(client)
  t.teardown(() => log.close())
  return new Promise((resolve) => {
    log.start(Object.assign(new Recorder(), {
      reachable: (_isReachable: boolean, reason: unknown) => {
        resolve(reason)
      }
    }))
  })
}
