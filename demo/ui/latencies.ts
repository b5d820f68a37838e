const WINDOW = 60_000
const CAPACITY = 16_384

/** The columns of the chart: its seconds before now, and the median and the worst latency of each quarter of a second. */
export type Columns = [number[], (number | null)[], (number | null)[]]

export const COLUMN = 250
const COLUMNS = WINDOW / COLUMN

/** The latencies of the last minute, in a fixed amount of memory. */
export class Latencies {
  readonly #times = new Float64Array(CAPACITY)
  readonly #values = new Float32Array(CAPACITY)
  #next = 0
  #open: number[] = []
  #stepped = 0
  readonly #columns: Columns = [
    Array.from({ length: COLUMNS }, (_, i) => (i - COLUMNS + 1) * COLUMN / 1000),
    new Array<number | null>(COLUMNS).fill(null),
    new Array<number | null>(COLUMNS).fill(null)
  ]

  /** @param now ms, of any clock that only goes forward */
  add (latency: number, now: number): void {
    const slot = this.#next++ % CAPACITY
    this.#times[slot] = now
    this.#values[slot] = latency
    this.#open.push(latency)
  }

  /** Ends the newest column of the chart. Call it about every `COLUMN` ms; when that was long ago, empty columns come between. */
  step (now: number): Columns {
    const passed = Math.min(COLUMNS, Math.max(1, Math.round((now - this.#stepped) / COLUMN)))
    for (let i = 1; i < passed; i++) this.#push([])
    this.#push(this.#open.sort((a, b) => a - b))
    this.#open = []
    this.#stepped = now
    return this.#columns
  }

  /** The latency that this part of the last minute's messages did not exceed, ms; null without a message. */
  quantiles (now: number, ...parts: number[]): (number | null)[] {
    const held = Math.min(this.#next, CAPACITY)
    const recent = this.#values.slice(0, held).filter((_, i) => (this.#times[i] ?? 0) > now - WINDOW).sort()
    return parts.map((part) => quantile(recent, part))
  }

  #push (sorted: number[]): void {
    const [, medians, worsts] = this.#columns
    shift(medians, quantile(sorted, 0.5))
    shift(worsts, sorted.at(-1) ?? null)
  }
}

function quantile (sorted: ArrayLike<number>, part: number): number | null {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? null
}

function shift (column: (number | null)[], value: number | null): void {
  column.shift()
  column.push(value)
}
