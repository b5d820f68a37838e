export function median (values) {
  return quantile(values, 0.5)
}

export function quantile (values, share) {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  return low + (sorted[Math.ceil(at)] - low) * (at % 1)
}

/** Median, lowest and highest of several runs. */
export function summary (values) {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return { median: round(median(values)), low: round(low), high: round(high), runs: values.length }
}

/** The summary of one series divided by another, run by run. */
export function ratio (values, others) {
  return summary(values.map((value, run) => value / others[run]))
}

function round (value) {
  return Number(value.toPrecision(4))
}
