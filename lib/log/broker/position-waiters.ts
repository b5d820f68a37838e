/** Who waits until a position has been reached. */
export class Milestones {
  readonly #waiting: { position: number, resolve: () => void }[] = []

  /** Resolves at this position, or one that comes after. Those who ask for lower ones later may wait for it too. */
  reached (position: number): Promise<void> {
    return new Promise((resolve) => { this.#waiting.push({ position, resolve }) })
  }

  pass (position: number): void {
    const count = this.#waiting.findIndex((one) => one.position > position)
    for (const { resolve } of this.#waiting.splice(0, count === -1 ? Infinity : count)) resolve()
  }
}
