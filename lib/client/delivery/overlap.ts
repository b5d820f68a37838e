// How each message is delivered once when one connection succeeds another, though no two ids can be compared. The
// successor starts at the cursor at which it was requested, and until it takes over, the carrier continues to
// deliver. So it brings the carrier's latest messages a second time, in the same order, before anything new:
//
//   carrier     1   2   3   4   5             all delivered; since the request, each is also expected of the successor
//                     ^ the successor is requested, at cursor 2
//   successor           3   4   5   6   7
//                       repeats     new

import type { Frame } from '../../protocol/wire.ts'

/**
 * What a frame of the successor is: delivered already, new, or proof that it does not continue where the carrier was.
 */
export type Verdict = 'repeat' | 'new' | 'diverged'

/** The messages that a successor must repeat, in order, before it says anything new. */
export class Overlap {
  readonly #expectedRepeats: string[] = []
  readonly #isActive: (channel: string) => boolean

  /** @param isActive whether a channel's messages are delivered as they come; other channels are not compared */
  constructor (isActive: (channel: string) => boolean) {
    this.#isActive = isActive
  }

  /** Whether the successor has repeated everything: its position counts from here on. */
  isOver (): boolean {
    return this.#expectedRepeats.length === 0
  }

  /** The carrier has delivered this message, which the successor will bring too. */
  expect (id: string): void {
    this.#expectedRepeats.push(id)
  }

  /** Compares the successor's next frame with the next expected message, and ticks that off if it is the same. */
  accept (frame: Frame): Verdict {
    if (this.isOver()) return 'new'
    if (frame.type) return this.#comesTooEarly(frame) ? 'diverged' : 'new'
    if (frame.id === this.#expectedRepeats[0]) {
      this.#expectedRepeats.shift()
      return 'repeat'
    }
    // The history of a channel that joins lies outside the order of the log.
    return this.#isActive(frame.channel) && !frame.history ? 'diverged' : 'new'
  }

  /**
   * Whether this control frame may only come after the repeats. A heartbeat's cursor lies behind all messages so far.
   */
  #comesTooEarly (frame: Frame): boolean {
    if (frame.type === 'gap' || frame.type === 'denied') return frame.channels.some(this.#isActive)
    return frame.type === 'heartbeat'
  }
}
