/** The measurements: a series of runs for each measure and contender. */
export class Samples {
  #series = new Map()

  add (contender, numbers = {}) {
    for (const [measure, value] of Object.entries(numbers)) {
      const series = this.#series.get(measure) ?? new Map()
      this.#series.set(measure, series)
      series.set(contender, [...series.get(contender) ?? [], value])
    }
  }

  /** The runs of that measure, by the contender's name. */
  of (measure) {
    return this.#series.get(measure) ?? new Map()
  }

  get measures () {
    return [...this.#series.keys()]
  }
}
