const FEWEST = 2
const MOST = 600

/** The number of ticks (or rounds) in which each contender uses `budget` ms of CPU. Warms the contenders up. */
export async function calibrate (contenders, budget, work) {
  const ticks = new Map()
  for (const contender of contenders) {
    const warmUp = needed(await work(contender, FEWEST), budget)
    ticks.set(contender, needed(await work(contender, warmUp), budget))
  }
  return ticks
}

function needed ({ cpu, ticks }, budget) {
  return Math.min(MOST, Math.max(FEWEST, Math.ceil(budget / (cpu / ticks))))
}
