const WARM_UP = 12
const FEWEST = 2
const MOST = 600

/** How many turns (or rounds) each contender needs to use so much CPU, ms. Warms it up on the way. */
export async function calibrate (contenders, budget, work) {
  const turns = new Map()
  for (const contender of contenders) {
    await work(contender, WARM_UP)
    const { cpu, turns: done } = await work(contender, WARM_UP)
    turns.set(contender, Math.min(MOST, Math.max(FEWEST, Math.ceil(budget / (cpu / done)))))
  }
  return turns
}
