// So many random cases against server and client: `npm run long -- fuzz 1000000 [seed]`.
import { fuzzers } from '../fixtures/fuzz/run.ts'
import { say, verdict } from './verdict.ts'

const ROUND = 10_000

const cases = Number(process.argv[2] ?? 1_000_000)
let seed = Number(process.argv[3] ?? Date.now() % 2 ** 31)
let done = 0

while (done < cases) {
  say(`seed ${seed}, ${done} cases so far`)
  for (const fuzz of Object.values(fuzzers)) {
    const undos: (() => unknown)[] = []
    done += await fuzz({ teardown: (undo) => { undos.push(undo) } }, { seed, cases: ROUND })
    for (const undo of undos) await undo()
  }
  seed = (seed + 1) % 2 ** 31
}
verdict([[`${done} cases: nothing broke, and each had its answer`, true]])
