import type Plot from 'uplot'
import type { Columns } from './latencies.ts'

const HEIGHT = 132
const LEAST = 0.1
const MOST = 10_000
const LABELS: Record<number, string> = { 0.1: '0.1', 1: '1 ms', 10: '10', 100: '100', 1000: '1 s', 10000: '10 s' }

export interface Chart {
  draw (columns: Columns): void
}

/** The latency of the last minute: a line for the median, dots for the worst, on one scale for all lanes. */
export function makeChart (element: HTMLElement): Chart {
  let plot: Plot | undefined
  load(element).then((loaded) => { plot = loaded }, () => { element.textContent = 'This browser draws no chart.' })

  return {
    draw ([seconds, medians, worsts]) {
      plot?.setData([seconds, medians.map(within), worsts.map(within)])
    }
  }
}

// By itself, because the library cannot be loaded where the browser's language is the C locale, and the lanes can do without.
async function load (element: HTMLElement): Promise<Plot> {
  const { default: Plot } = await import('uplot')
  const plot = new Plot(options(element), [[], [], []], element)
  new ResizeObserver(() => plot.setSize({ width: element.clientWidth, height: HEIGHT })).observe(element)
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => plot.redraw())
  return plot
}

function options (element: HTMLElement): Plot.Options {
  const colour = (name: string) => () => getComputedStyle(element).getPropertyValue(name)
  const line = { stroke: colour('--line'), width: 1 }
  const axis = { stroke: colour('--muted'), grid: line, ticks: { show: false }, font: '11px system-ui, sans-serif', gap: 4 }
  return {
    width: element.clientWidth,
    height: HEIGHT,
    padding: [8, 14, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: { x: { time: false, range: [-60, 0] }, y: { distr: 3, range: [LEAST, MOST] } },
    axes: [
      { ...axis, size: 20, splits: [-60, -40, -20, 0], values: (_, splits) => splits.map((s) => s === 0 ? 'now' : `${s} s`) },
      { ...axis, size: 38, splits: Object.keys(LABELS).map(Number).sort((a, b) => a - b), values: (_, splits) => splits.map((ms) => LABELS[ms] ?? '') }
    ],
    series: [
      {},
      { stroke: colour('--lane'), width: 2, spanGaps: true, points: { show: false } },
      { stroke: colour('--lane-soft'), paths: () => null, points: { show: true, size: 3, width: 0, fill: colour('--lane-soft') } }
    ]
  }
}

function within (latency: number | null): number | null {
  return latency === null ? null : Math.min(MOST, Math.max(LEAST, latency))
}
