// The rights that the reference asks for are enough.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import t from 'tap'
import type { Test } from 'tap'
import type { MessageLog } from '../../../lib/log/message-log.ts'
import { natsLog } from '../../../lib/log/nats/nats-log.ts'
import { redisLog } from '../../../lib/log/redis/redis-log.ts'
import { Recorder } from '../../../lib/log/contract/recorder.ts'
import { readDocument, section } from '../../meta/docs/markdown.ts'
import { freePort } from '../../fixtures/ports.ts'
import { PrivateServer } from '../../fixtures/private-server.ts'
import { RedisServer } from '../../fixtures/redis.ts'
import { needs } from '../../fixtures/requirement.ts'

/**
 * Does all that a log does: makes what it needs, appends with and without keys, catches up, and begins again where it
 * was.
 */
async function exercise (t: Test, create: () => MessageLog, trim: () => Promise<unknown>): Promise<void> {
  const started: { log: MessageLog, reader: Recorder }[] = []
  const start = async (): Promise<void> => {
    const [log, reader] = [create(), new Recorder()]
    t.teardown(() => log.close())
    log.start(reader)
    started.push({ log, reader })
    await reader.until(() => reader.loads > 0)
  }
  await start()
  await start()
  for (const { log } of started) {
    for (let i = 0; i < 120; i++) await log.append('a', String(i), i % 2 === 0 ? undefined : `key ${i}`)
  }
  for (const { log } of started) await log.catchUp()
  await trim()
  await start()
  t.same(new Set(started.map(({ reader }) => reader.epoch)).size, 1)
  t.same(started[0]?.reader.data, started[1]?.reader.data)
  t.equal(started[0]?.reader.entries.length, 180)
}

t.test('the rights in Redis', async (t) => {
  if (!needs(t, 'redis')) return
  const redis = await RedisServer.start()
  t.teardown(() => redis.stop())
  const admin = redis.client(t)
  const block = /these rights:\n\n```\n([^`]*)\n```/.exec(section(readDocument('docs/REFERENCE.md'), 'Redis'))?.[1]
  const rights = block?.split(/\s/) ?? []
  t.ok(rights.length > 10)
  await admin.call('ACL', 'SETUSER', 'comet', 'reset', 'on', '>secret', ...rights)
  const client = new Redis({
    port: redis.port, host: '127.0.0.1', username: 'comet', password: 'secret', lazyConnect: true
  })
  t.teardown(() => { client.disconnect() })
  await exercise(t, () => redisLog(client, { maxAge: 1 }), () => admin.xtrim('comet', 'MAXLEN', 0))
  t.same(await admin.call('ACL', 'LOG'), [])
})

t.test('the rights in NATS', async (t) => {
  if (!needs(t, 'nats')) return
  const block = /```\n(authorization [^`]*)```/.exec(section(readDocument('docs/REFERENCE.md'), 'NATS'))?.[1] ?? ''
  t.match(block, /_INBOX_/)
  const nats = new PrivateServer(await freePort(), (port, folder) => {
    writeFileSync(
      join(folder, 'nats.conf'), `port: ${port}\nhost: 127.0.0.1\njetstream { store_dir: "${folder}" }\n${block}`
    )
    return ['nats-server', '--config', join(folder, 'nats.conf')]
  })
  await nats.run()
  t.teardown(() => nats.stop())
  const connection = await connect({
    servers: `127.0.0.1:${nats.port}`,
    user: 'comet',
    pass: 'secret',
    inboxPrefix: '_INBOX_comet',
    maxReconnectAttempts: -1
  })
  t.teardown(() => connection.close())
  const denied: string[] = []
  const watch = async (): Promise<void> => {
    for await (const status of connection.status()) if (status.type === 'error') denied.push(status.error.message)
  }
  watch().catch((error: unknown) => { t.fail(String(error)) })
  await exercise(t, () => natsLog(connection), async () => {})
  t.same(denied, [])
})
