import type { GapFrame, GapReason } from '../protocol/wire.ts'

/** Messages that were not delivered and will not be. */
export interface Gap {
  /** The channels on which messages are missing. */
  readonly channels: readonly string[]
  readonly reason: GapReason
  /** Where the hole ends. */
  readonly cursor: string
}

/** What the application is told of a frame. */
export function gapIn ({ channels, reason, cursor }: GapFrame): Gap {
  return { channels, reason, cursor }
}
