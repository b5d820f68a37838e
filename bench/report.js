import { rows, units } from './rows.js'
import { median, ratio, summary } from './statistics.js'

/** The result of each row, and all figures. */
export function report (samples) {
  return { ratios: rows.flatMap((row) => outcome(row, samples)), figures: figures(samples) }
}

function outcome ({ name, work, measure, figure, over, atMost, atLeast }, samples) {
  const series = samples.of(measure)
  const ours = series.get(figure)
  const others = over.filter((other) => series.has(other))
  if (ours === undefined || (over.length > 0 && others.length === 0)) return []
  const best = bestOf(others, series, atLeast !== undefined)
  const { median, ...spread } = best === undefined ? summary(ours) : ratio(ours, series.get(best))
  const reached = atMost === undefined ? median >= atLeast : median <= atMost
  const target = atMost === undefined ? { atLeast } : { atMost }
  const what = { row: name, work, measure: units[measure] }
  return [{ ...what, ratio: median, of: figure, over: best, ...target, reached, ...spread }]
}

function bestOf (names, series, most) {
  const sign = most ? -1 : 1
  return names.toSorted((a, b) => sign * (median(series.get(a)) - median(series.get(b))))[0]
}

function figures (samples) {
  return samples.measures.flatMap((measure) => [...samples.of(measure)].map(([name, values]) => {
    return { measure: units[measure] ?? measure, of: name, ...summary(values) }
  }))
}

/** A report as text. */
export function asText ({ ratios, figures }) {
  const lines = [table(['', 'work', 'ratio', 'spread', 'relative to', 'target'], ratios.map(ratioCells))]
  for (const measure of new Set(figures.map((figure) => figure.measure))) {
    const own = figures.filter((figure) => figure.measure === measure)
    const cells = own.map(({ of, median, low, high }) => [of, show(median), `${show(low)}–${show(high)}`])
    lines.push(table([measure, 'median', 'spread'], cells))
  }
  return lines.join('\n\n')
}

function ratioCells ({ row, work, ratio, low, high, over, atMost, atLeast, reached }) {
  const target = atMost === undefined ? `≥ ${show(atLeast)}` : `≤ ${atMost}`
  return [reached ? 'yes' : 'NO', `${work} (${row})`, show(ratio), `${show(low)}–${show(high)}`, over ?? '', target]
}

function show (value) {
  return value >= 1000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)))
}

/** A Markdown table with aligned columns. */
export function table (heads, lines) {
  const widths = heads.map((head, column) => Math.max(head.length, ...lines.map((cells) => cells[column].length)))
  const line = (cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [line(heads), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...lines.map(line)].join('\n')
}
