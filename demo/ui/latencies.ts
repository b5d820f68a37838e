const WINDOW = 60_000
const CAPACITY = 16_384

/** The columns of the chart, one per quarter of a second: seconds relative to now, median and highest latency. */
export type Columns = [number[], (number | null)[], (number | null)[]]

/** The time that one column of the chart covers, ms. */
export const COLUMN_MS = 250
const COLUMNS = WINDOW / COLUMN_MS

/** The latencies of the last minute, in a fixed amount of memory. */
export class Latencies {
  readonly #times = new Float64Array(CAPACITY)
  readonly #values = new Float32Array(CAPACITY)
  #next = 0
  #current: number[] = []
  #steppedAt = 0
  readonly #columns: Columns = [
    Array.from({ length: COLUMNS }, (_, i) => (i - COLUMNS + 1) * COLUMN_MS / 1000),
    new Array<number | null>(COLUMNS).fill(null),
    new Array<number | null>(COLUMNS).fill(null)
  ]

  /** @param now ms of a monotonic clock */
  add (latency: number, now: number): void {
    const slot = this.#next++ % CAPACITY
    this.#times[slot] = now
    this.#values[slot] = latency
    this.#current.push(latency)
  }

  /** Ends the newest column. Call it about every `COLUMN_MS`; after a longer pause, empty columns fill the time. */
  step (now: number): Columns {
    const passed = Math.min(COLUMNS, Math.max(1, Math.round((now - this.#steppedAt) / COLUMN_MS)))
    for (let i = 1; i < passed; i++) this.#push([])
    this.#push(this.#current.sort((a, b) => a - b))
    this.#current = []
    this.#steppedAt = now
    return this.#columns
  }

  /** For each fraction, the latency that this part of the last minute's messages did not exceed, ms; null if none. */
  quantiles (now: number, ...fractions: number[]): (number | null)[] {
    const held = Math.min(this.#next, CAPACITY)
    const recent = this.#values.slice(0, held).filter((_, i) => (this.#times[i] ?? 0) > now - WINDOW).sort()
    return fractions.map((fraction) => quantile(recent, fraction))
  }

  #push (sorted: number[]): void {
    const [, medians, highest] = this.#columns
    shift(medians, quantile(sorted, 0.5))
    shift(highest, sorted.at(-1) ?? null)
  }
}

function quantile (sorted: ArrayLike<number>, fraction: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * fraction))] ?? null
}

function shift (column: (number | null)[], value: number | null): void {
  column.shift()
  column.push(value)
}
