import type { MessageFrame } from '../protocol.ts'
import { dictionary, setOf, type Dictionary } from './dictionary.ts'

/** Remembers what was delivered beyond the position, so that a connection that starts behind repeats nothing. */
export interface Dedupe {
  /** These ids were delivered after the position, by a connection that carried all of these channels. */
  remember (ids: readonly string[], channels: Dictionary<unknown>): void
  /** False: it was delivered already. */
  admit (message: MessageFrame): boolean
}

export function createDedupe (): Dedupe {
  let ids: Dictionary<true> | null = null
  let shared: Dictionary<unknown> = dictionary()

  return {
    remember: function (delivered, channels) {
      if (delivered.length === 0) return
      shared = ids ? intersection(shared, channels) : intersection(channels, channels)
      ids = ids || dictionary()
      for (let i = 0; i < delivered.length; i++) ids[delivered[i] as string] = true
    },
    admit: function (message) {
      if (!ids) return true
      if (ids[message.id]) {
        delete ids[message.id]
        return false
      }
      // One log, one order: on a channel that both carried, the first unseen message lies behind all that was seen.
      if (message.channel in shared) ids = null
      return true
    }
  }
}

function intersection (a: Dictionary<unknown>, b: Dictionary<unknown>): Dictionary<unknown> {
  return setOf(Object.keys(a).filter(function (name) { return name in b }))
}
