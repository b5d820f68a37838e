// Every transport over the log in Redis.
import t from 'tap'
import { TRANSPORT_NAMES } from '../../lib/protocol/wire.ts'
import { redisLog } from '../../lib/log/redis/redis-log.ts'
import { RedisServer } from '../fixtures/redis.ts'
import { needs } from '../fixtures/requirement.ts'
import { serve } from '../fixtures/server.ts'
import { transportContract } from '../fixtures/transport-contract.ts'

let streams = 0

t.test('transports over a log in Redis', async (t) => {
  if (!needs(t, 'redis')) return
  const redis = await RedisServer.start()
  t.teardown(() => redis.stop())
  const client = redis.client(t)
  for (const transport of TRANSPORT_NAMES) {
    t.test(transport, async (t) => {
      transportContract(t, transport, (t, options = {}) => {
        return serve(t, {
          ...options, comet: { ...options.comet, log: redisLog(client, { stream: `stream-${++streams}` }) }
        })
      })
    })
  }
})
