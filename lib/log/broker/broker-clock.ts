/**
 * The clock of a broker, read once: it converts the broker's timestamps so that ages are right, however far this
 * machine's clock is off, and even if it is set meanwhile.
 */
export class BrokerClock {
  readonly #brokerTime: number
  readonly #readAt = performance.now()

  /** `brokerTime`: the broker's time just now, in ms since the Unix epoch. */
  constructor (brokerTime: number) {
    this.#brokerTime = brokerTime
  }

  /** The same moment by this machine's clock, in ms since the Unix epoch; never in the future. */
  toLocal (time: number): number {
    const now = this.#brokerTime + performance.now() - this.#readAt
    return Date.now() - Math.max(0, now - time)
  }
}
