import { Samples } from './samples.js'

/**
 * Measures contenders in alternation: `runs` rounds, in each of which every contender has one run. `measure` returns
 * an object of numbers, or nothing when the contender has no part in it.
 */
export async function alternate (contenders, runs, measure, samples = new Samples()) {
  for (let run = 0; run < runs; run++) {
    for (const contender of contenders) samples.add(contender.name, await measure(contender))
  }
  return samples
}
