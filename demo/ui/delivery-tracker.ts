import type { Beat } from '../lanes.ts'

/**
 * Proves what a lane received: beats are numbered without holes, so that a number which comes again is a repetition, and
 * one that never came is a loss, unless a gap was told before the next.
 */
export class Tracker {
  messages = 0
  lost = 0
  repeated = 0
  /** gaps told */
  gaps = 0
  /** messages that are missing where a gap was told */
  missing = 0
  #run = ''
  #last = 0
  #told = false

  gap (): void {
    this.gaps++
    this.#told = true
  }

  /** @returns false for a beat that was here before */
  see ({ run, n }: Beat): boolean {
    this.messages++
    if (run !== this.#run) return this.#begin(run, n)
    if (n <= this.#last) {
      this.repeated++
      return false
    }
    this.#count(n - this.#last - 1)
    this.#last = n
    return true
  }

  #begin (run: string, n: number): boolean {
    this.#run = run
    this.#last = n
    this.#told = false
    return true
  }

  #count (hole: number): void {
    if (this.#told) this.missing += hole
    else this.lost += hole
    this.#told = false
  }
}
