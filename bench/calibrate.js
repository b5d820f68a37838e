const FEWEST = 2
const MOST = 600

/** How many turns (or rounds) each contender needs to use so much CPU, ms. Warms it up on the way. */
export async function calibrate (contenders, budget, work) {
  const turns = new Map()
  for (const contender of contenders) {
    const warmUp = needed(await work(contender, FEWEST), budget)
    turns.set(contender, needed(await work(contender, warmUp), budget))
  }
  return turns
}

function needed ({ cpu, turns }, budget) {
  return Math.min(MOST, Math.max(FEWEST, Math.ceil(budget / (cpu / turns))))
}
