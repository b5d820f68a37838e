// So many random schedules of misfortunes on three nodes and their engine: `npm run long -- cluster 200 [redis|nats]
// [seed]`.
import { BROKER_NAMES } from '../fixtures/cluster/brokers.ts'
import { play } from '../fixtures/cluster/schedule.ts'
import { say, verdict } from './verdict.ts'

const MISFORTUNES = 25

const schedules = Number(process.argv[2] ?? 200)
const engine = BROKER_NAMES.find((name) => name === (process.argv[3] ?? 'redis'))
const first = Number(process.argv[4] ?? Date.now() % 2 ** 31)
const sum = { acknowledged: 0, delivered: 0, gaps: 0, missed: 0, lost: 0, repeated: 0 }
const failed: number[] = []

if (engine === undefined) throw new Error(`one of ${BROKER_NAMES.join(', ')}, and not ${process.argv[3]}`)
for (let seed = first; seed < first + schedules; seed++) {
  const { faults, ...figures } = await play(engine, seed, MISFORTUNES)
  for (const name of Object.keys(sum) as (keyof typeof sum)[]) sum[name] += figures[name]
  say(
    `seed ${seed}: ${figures.acknowledged} messages acknowledged, ${figures.delivered} delivered, ${figures.gaps} gaps told, ${faults.length} faults`
  )
  for (const fault of faults) say(`  ${fault}`)
  if (faults.length > 0) failed.push(seed)
}
const { acknowledged, delivered, gaps, missed, lost, repeated } = sum
verdict([
  [`${schedules} schedules on ${engine}, ${acknowledged} messages acknowledged, ${delivered} delivered to 6 clients, ${gaps} gaps told (for ${missed} messages), ${lost} lost untold, ${repeated} repeated; seeds with faults: ${failed.join(', ') || 'none'}`, failed.length === 0]
])
