import type { MessageFrame } from '../protocol.ts'
import { setOf, type Dictionary } from './dictionary.ts'

/** Remembers what was delivered beyond the position, so that a connection that starts behind repeats nothing. */
export class Dedupe {
  private ids: Dictionary<true> | null = null
  private shared: Dictionary<unknown> = setOf([])

  /** These ids were delivered after the position, by a connection that carried all of these channels. */
  remember (delivered: readonly string[], channels: Dictionary<unknown>): void {
    if (!delivered.length) return
    const { ids, shared } = this
    this.shared = setOf(Object.keys(channels).filter((name) => !ids || name in shared))
    this.ids = setOf(delivered.concat(Object.keys(ids || {})))
  }

  /** False: it was delivered already. */
  admit (message: MessageFrame): boolean {
    const { ids } = this
    if (ids && ids[message.id]) {
      delete ids[message.id]
      return false
    }
    // One log, one order: on a channel that both carried, the first unseen message lies behind all that was seen.
    if (message.channel in this.shared) this.ids = null
    return true
  }
}
