import { countOf } from './frames.ts'
import { isGap, type Reading } from './reader.ts'
import type { WireFrame } from './transports/transport.ts'

/** Frames to send, and what is in them. */
export class Portion {
  readonly frames: WireFrame[]
  messages = 0
  gaps: number

  /** `gaps`: how many there are among the frames. */
  constructor (frames: WireFrame[], gaps: number) {
    this.frames = frames
    this.gaps = gaps
  }

  /** Adds what was read, as frames. Returns what it takes of the budget, bytes. */
  add (reading: Reading, frames: readonly WireFrame[]): number {
    const { messages, gaps } = countOf(reading)
    this.frames.push(...frames)
    this.messages += messages
    this.gaps += gaps
    return reading.items.reduce((bytes, item) => bytes + (isGap(item) ? 0 : item.frameBytes), 0)
  }
}
