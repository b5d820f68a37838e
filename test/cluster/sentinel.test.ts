// A Redis with a replica that takes its place: what nodes and their clients make of that.
import t from 'tap'
import type { Test } from 'tap'
import { redisLog } from '../../lib/log/redis/redis-log.ts'
import { needs } from '../fixtures/requirement.ts'
import { type Replicated, startReplicated } from '../fixtures/sentinel.ts'
import { serve, type TestServer } from '../fixtures/server.ts'
import { held, isMessage, readUntil } from '../fixtures/transport-clients.ts'
import { until } from '../fixtures/until.ts'

async function startNodes (t: Test): Promise<{ redis: Replicated, nodes: [TestServer, TestServer] }> {
  const redis = await startReplicated(t)
  const start = (): Promise<TestServer> =>
    serve(t, { comet: { log: redisLog(redis.client(), { publishTimeout: 60_000 }) } })
  return { redis, nodes: [await start(), await start()] }
}

async function changeMaster (t: Test, change: (redis: Replicated) => Promise<void>): Promise<void> {
  const { redis, nodes: [a, b] } = await startNodes(t)
  const before = await a.app.comet.publish('room', 1)
  const client = await held(b, 'eventsource', { channel: 'room' })
  await change(redis)
  // The old master may take some more.
  await until(
    async () => epochOf(await a.app.comet.publish('room', 2)) !== epochOf(before),
    'a new master has begun a new epoch',
    60_000
  )
  const after = await a.app.comet.publish('room', 'after')
  const frames = await readUntil(client, (frame) => isMessage(frame) && frame.data === 'after')
  t.equal(frames.filter((frame) => frame.type === 'gap' && frame.reason === 'restarted').length, 1)
  t.equal(epochOf(await b.app.comet.publish('room', 'from the other')), epochOf(after))
  t.match(await readUntil(client, isMessage), [{ data: 'from the other' }])
  client.cut()
}

function epochOf (cursor: string): string {
  return cursor.replace(/-\d+$/, '')
}

t.test('when the master dies and its replica takes over, a new epoch begins, clients get a gap, and all continues', async (t) => {
  if (!needs(t, 'redis')) return
  await changeMaster(t, ({ master }) => master.kill())
})

t.test('when master and replica change places, it is the same', async (t) => {
  if (!needs(t, 'redis')) return
  await changeMaster(t, (redis) => redis.swap())
})
