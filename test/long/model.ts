// Random schedules against the model for so many minutes: `npm run long -- model 60 [seed]`.
import { playSchedules } from '../fixtures/model/schedules.ts'
import { minutes, verdict } from './verdict.ts'

const ROUND = 60_000

const end = performance.now() + minutes(10) * 60_000
let seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
let played = 0

while (performance.now() < end) {
  console.log(`seed ${seed}, ${played} schedules so far`)
  played += await playSchedules({ seed, runs: 100_000, timeLimit: Math.min(ROUND, end - performance.now()) })
  seed = (seed + 1) % 2 ** 31
}
verdict([[`${played} schedules, every subscriber was told what it was owed`, played > 0]])
