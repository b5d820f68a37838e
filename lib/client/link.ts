import type { LocalSubscriber } from './delivery/subscriber.ts'

/**
 * What connects the subscribers of a page with the server: a session, or the session that the page shares with other
 * tabs.
 */
export interface Link {
  /** The position: everything up to this cursor was delivered. Null before it is known. */
  at (): string | null
  /** Returns a function that unsubscribes, to be called once. */
  subscribe (subscriber: LocalSubscriber): () => void
  /** Ends the connection. No event follows but the state `closed`. */
  close (): void
}
