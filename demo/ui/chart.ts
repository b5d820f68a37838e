import type Plot from 'uplot'
import type { Columns } from './latencies.ts'

const HEIGHT = 132
const MIN_LATENCY = 0.1
const MAX_LATENCY = 10_000
const LABELS: Record<number, string> = { 0.1: '0.1', 1: '1 ms', 10: '10', 100: '100', 1000: '1 s', 10000: '10 s' }

const SECONDS = [-60, -40, -20, 0]
const LATENCIES = Object.keys(LABELS).map(Number).sort((a, b) => a - b)

export interface Chart {
  draw (columns: Columns): void
}

/** The latency of the last minute: a line for the median, dots for the highest, on the same scale in all lanes. */
export function makeChart (element: HTMLElement): Chart {
  let plot: Plot | undefined
  load(element).then((loaded) => { plot = loaded }, () => {
    element.textContent = 'This browser cannot draw the chart.'
  })

  return {
    draw ([seconds, medians, highest]) {
      plot?.setData([seconds, medians.map(clamp), highest.map(clamp)])
    }
  }
}

// Imported dynamically: loading the library fails if the browser's language is the C locale; the lanes work without it.
async function load (element: HTMLElement): Promise<Plot> {
  const { default: Plot } = await import('uplot')
  const plot = new Plot(options(element), [[], [], []], element)
  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT })).observe(element)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw())
  return plot
}

function options (element: HTMLElement): Plot.Options {
  const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(name)
  const soft = colour('--lane-soft')
  const line = { stroke: colour('--line'), width: 1 }
  const font = '11px system-ui, sans-serif'
  const axis = { stroke: colour('--muted'), grid: line, ticks: { show: false }, font, gap: 4 }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [-60, 0] }, y: { distr: 3, range: [MIN_LATENCY, MAX_LATENCY] } },
    axes: [
      { ...axis, size: 20, splits: SECONDS, values: (_, splits) => splits.map((s) => s === 0 ? 'now' : `${s} s`) },
      { ...axis, size: 38, splits: LATENCIES, values: (_, splits) => splits.map((ms) => LABELS[ms] ?? '') }
    ],
    series: [
      {},
      { stroke: colour('--lane'), width: 2, spanGaps: true, points: { show: false } },
      { stroke: soft, paths: () => null, points: { show: true, size: 3, width: 0, fill: soft } }
    ]
  }
}

function clamp (latency: number | null): number | null {
  return latency === null ? null : Math.min(MAX_LATENCY, Math.max(MIN_LATENCY, latency))
}
