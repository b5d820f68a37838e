import t from 'tap'
import { sufferRedis } from '../fixtures/cluster/redis.ts'
import { needs } from '../fixtures/requirement.ts'

const SCHEDULES = Number(process.env['COMET_RUNS'] ?? 20)
const seed = Number(process.env['COMET_SEED'] ?? Date.now() % 2 ** 31)

for (let i = 0; i < SCHEDULES; i++) {
  t.test('three nodes on Redis, whatever happens to them: each acknowledged message once and in order, or a gap says so', async (t) => {
    if (!needs(t, 'redis')) return
    t.comment(`seed ${seed + i}`)
    const { faults, acknowledged, gaps } = await sufferRedis(t, seed + i, 15)
    t.comment(`${acknowledged} messages acknowledged, ${gaps} gaps told`)
    t.same(faults, [])
    t.ok(acknowledged > 3)
  })
}
