// What stands between the application's subscribers and the server: a session of one's own, or one shared between tabs.

import type { Subscriber } from './delivery/subscriber.ts'

/** It tells its state and its transport as events. */
export interface Link {
  /** The position: all up to here was received. */
  at (): string | null
  /** Returns its undo, to be called once. */
  subscribe (subscriber: Subscriber): () => void
  close (): void
}
