/** Whom the bus tells what is not for subscribers. */
export interface BusObserver {
  /** What a node has noted for the others, this one included, after everything before it was handed out. */
  onNote (data: string): void
  /** Entries, and maybe notes among them, are gone from the log before they were read here. */
  onLost (): void
  /** An entry that no node can have appended was skipped. */
  onForeign (reason: string): void
  /** The log can be reached again, or not any more. */
  onReachable (isReachable: boolean, reason: unknown): void
  /** A message of another node cannot be kept. */
  onError (error: unknown): void
  /** What a user of a channel threw while it was served. */
  onFault (error: unknown): void
}
