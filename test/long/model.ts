// Random schedules against the model for so many minutes: `npm run long -- model 60 [seed]`.
import { playSchedules } from '../fixtures/model/schedules.ts'
import { minutes, say, verdict } from './verdict.ts'

const ROUND = 60_000

const end = performance.now() + minutes(10) * 60_000
let seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
let schedules = 0
let messages = 0

while (performance.now() < end) {
  say(`seed ${seed}, ${schedules} schedules and ${messages} messages so far`)
  const played = await playSchedules({
    seed, runs: 100_000, timeLimit: Math.max(1, Math.min(ROUND, end - performance.now()))
  })
  schedules += played.schedules
  messages += played.messages
  seed = (seed + 1) % 2 ** 31
}
verdict([[
  `${schedules} schedules with ${messages} messages: every subscriber was told what it was owed, and nothing was left`,
  schedules > 0
]])
