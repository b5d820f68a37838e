// So many random schedules of misfortunes on three nodes and their engine: `npm run long -- cluster 200 [seed]`.
import { sufferRedis } from '../fixtures/cluster/redis.ts'
import { say, verdict } from './verdict.ts'

const MISFORTUNES = 25

const schedules = Number(process.argv[2] ?? 200)
const first = Number(process.argv[3] ?? Date.now() % 2 ** 31)
let messages = 0
let told = 0
const failed: number[] = []

for (let seed = first; seed < first + schedules; seed++) {
  const undos: (() => unknown)[] = []
  const { faults, acknowledged, gaps } = await sufferRedis({ teardown: (undo) => { undos.push(undo) } }, seed, MISFORTUNES)
  for (const undo of undos) await undo()
  messages += acknowledged
  told += gaps
  say(`seed ${seed}: ${acknowledged} messages acknowledged, ${gaps} gaps told, ${faults.length} faults`)
  for (const fault of faults) say(`  ${fault}`)
  if (faults.length > 0) failed.push(seed)
}
verdict([[`${schedules} schedules, ${messages} messages acknowledged, ${told} gaps told: each message once and in order, or a gap says so; not with the seeds ${failed.join(', ') || '(none)'}`, failed.length === 0]])
