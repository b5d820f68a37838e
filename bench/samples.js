/** What was measured: a series of runs by measure and contender. */
export class Samples {
  #series = new Map()

  add (contender, numbers = {}) {
    for (const [measure, value] of Object.entries(numbers)) {
      const series = this.#series.get(measure) ?? new Map()
      this.#series.set(measure, series)
      series.set(contender, [...series.get(contender) ?? [], value])
    }
  }

  /** The contenders' runs in that measure, by name. */
  of (measure) {
    return this.#series.get(measure) ?? new Map()
  }

  get measures () {
    return [...this.#series.keys()]
  }
}
