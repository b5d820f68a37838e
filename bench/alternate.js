import { Samples } from './samples.js'

/**
 * Measures contenders alternately: in each of `runs` rounds, every contender has one run. `measure` returns an object
 * of numbers, or `undefined` where it does not apply to the contender.
 */
export async function alternate (contenders, runs, measure, samples = new Samples()) {
  for (let run = 0; run < runs; run++) {
    for (const contender of contenders) samples.add(contender.name, await measure(contender))
  }
  return samples
}
