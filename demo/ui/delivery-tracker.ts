import type { LiveMessage } from '../lanes.ts'

/**
 * Checks what a lane received. Messages are numbered consecutively: a number that comes again is a repetition, and one
 * that never came is a loss, unless a gap was announced before the next message.
 */
export class DeliveryTracker {
  messages = 0
  lost = 0
  repeated = 0
  /** announced gaps */
  gaps = 0
  /** messages missing in announced gaps */
  missing = 0
  #run = ''
  #last = 0
  #gapAnnounced = false

  gap (): void {
    this.gaps++
    this.#gapAnnounced = true
  }

  /** @returns false for a repetition */
  see ({ run, n }: LiveMessage): boolean {
    this.messages++
    if (run !== this.#run) return this.#begin(run, n)
    if (n <= this.#last) {
      this.repeated++
      return false
    }
    this.#countMissing(n - this.#last - 1)
    this.#last = n
    return true
  }

  #begin (run: string, n: number): boolean {
    this.#run = run
    this.#last = n
    this.#gapAnnounced = false
    return true
  }

  #countMissing (count: number): void {
    if (this.#gapAnnounced) this.missing += count
    else this.lost += count
    this.#gapAnnounced = false
  }
}
