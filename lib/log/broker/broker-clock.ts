/** The clock of an engine, as it was read once: what it says is ms old, whatever this machine's own clock says or is set to. */
export class EngineClock {
  readonly #engineTime: number
  readonly #readAt = performance.now()

  /** `engineTime`: what it said just now, ms since the epoch. */
  constructor (engineTime: number) {
    this.#engineTime = engineTime
  }

  /** The same moment by this machine's clock, ms since the epoch. */
  toLocal (time: number): number {
    const now = this.#engineTime + performance.now() - this.#readAt
    return Date.now() - Math.max(0, now - time)
  }
}
