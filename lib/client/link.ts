// What stands between the application's subscribers and the server: a session of one's own, or one shared between tabs.

import type { MessageFrame } from '../protocol/wire.ts'
import type { Gap } from './gap.ts'

/** One subscriber. */
export interface Seat {
  readonly channel: string
  readonly history: number
  take (frame: MessageFrame | Gap): void
}

/** It tells its state and its transport as events. */
export interface Link {
  /** The position: all up to here was received. */
  at (): string | null
  /** Returns its undo, to be called once. */
  subscribe (seat: Seat): () => void
  close (): void
}
