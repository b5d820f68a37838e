import { countOf } from '../encode.ts'
import { isGap, type Reading } from '../../history/read.ts'
import type { WireFrame } from '../../transports/frames.ts'

/** Frames to send, and what is in them. */
export class Portion {
  readonly frames: WireFrame[]
  messages = 0
  gaps: number
  /** of the messages, as they count in a budget */
  bytes = 0

  /** `gaps`: how many there are among the frames. */
  constructor (frames: WireFrame[], gaps: number) {
    this.frames = frames
    this.gaps = gaps
  }

  /** Adds what was read, as frames. */
  add (reading: Reading, frames: readonly WireFrame[]): void {
    const { messages, gaps } = countOf(reading)
    for (const frame of frames) this.frames.push(frame)
    this.messages += messages
    this.gaps += gaps
    for (const item of reading.items) this.bytes += isGap(item) ? 0 : item.frameBytes
  }

  /** Adds what comes after it. */
  append ({ frames, messages, gaps, bytes }: Portion): void {
    for (const frame of frames) this.frames.push(frame)
    this.messages += messages
    this.gaps += gaps
    this.bytes += bytes
  }
}
