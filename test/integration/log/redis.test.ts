import t from 'tap'
import { logContract } from '../../../lib/log/contract/index.ts'
import { redisBroker, RedisServer } from '../../fixtures/redis.ts'
import { needs } from '../../fixtures/requirement.ts'

let streams = 0

t.test('the contract of logs', async (t) => {
  if (!needs(t, 'redis')) return
  const server = await RedisServer.start({ durable: true })
  t.teardown(() => server.stop())
  logContract({
    test: (title, run) => t.test(title, run),
    createEngine: () => redisBroker(t, server, `stream-${++streams}`),
    shared: true,
    can: { cut: true, restart: true, forget: true, trim: true }
  })
})
