import t from 'tap'
import { fuzzers } from '../fixtures/fuzz/run.ts'

const seed = Number(process.env['COMET_SEED'] ?? Date.now() % 2 ** 31)

for (const [what, fuzz] of Object.entries(fuzzers)) {
  t.test(`${what}: whatever they are, nothing breaks, and nothing goes without an answer`, async (t) => {
    t.comment(`seed ${seed}`)
    t.ok(await fuzz(t, { seed, cases: 3000 }) >= 1000)
  })
}
