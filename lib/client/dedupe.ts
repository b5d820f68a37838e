import type { MessageFrame } from '../protocol.ts'
import { dictionary, setOf, type Dictionary } from './dictionary.ts'

/** Remembers what was delivered beyond the position, so that a connection that starts behind repeats nothing. */
export class Dedupe {
  /** The channel of each message that was delivered and is still to come again. */
  private ids: Dictionary<string> = dictionary()
  /** The channels of which all was delivered, up to the last of those. */
  private shared: Dictionary<unknown> = dictionary()
  private hasGap = false

  /** These were delivered after the position, by a connection that carried all of these channels. */
  remember (delivered: readonly MessageFrame[], channels: Dictionary<unknown>): void {
    if (!delivered.length) return
    const { shared } = this
    const isFirst = !Object.keys(this.ids).length
    this.shared = setOf(Object.keys(channels).filter((name) => isFirst || name in shared))
    this.hasGap = false
    delivered.forEach(({ id, channel }) => { this.ids[id] = channel })
  }

  /** Only these channels are carried on: the messages of others do not come again. */
  restrict (carried: Dictionary<unknown>): void {
    for (const id in this.ids) {
      if (!((this.ids[id] as string) in carried)) delete this.ids[id]
    }
  }

  /** Some of them may be lost, and not come again. */
  loosen (): void {
    this.hasGap = true
  }

  /** False: it was delivered already, or is older than what was. */
  admit ({ id, channel }: MessageFrame): boolean {
    const isKnown = id in this.ids
    delete this.ids[id]
    if (isKnown) return false
    if (!(channel in this.shared)) return true
    // One log, one order. Where all of them will come again, this is older: the first connection was asked for a part of
    // the history and left it out. After a gap, it may as well be newer than all of them.
    if (this.hasGap) this.ids = dictionary()
    return !Object.keys(this.ids).length
  }
}
