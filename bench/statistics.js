export function median (values) {
  return quantile(values, 0.5)
}

export function quantile (values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  return low + (sorted[Math.ceil(at)] - low) * (at % 1)
}

/** What a number of runs comes to. */
export function summary (values) {
  return { median: round(median(values)), low: round(Math.min(...values)), high: round(Math.max(...values)), runs: values.length }
}

/** The same of one series over another, run by run. */
export function ratio (values, others) {
  return summary(values.map((value, run) => value / others[run]))
}

function round (value) {
  return Number(value.toPrecision(4))
}
