/** One entry of a log. Offsets are safe integers above 0; they ascend over all channels, not necessarily by one. */
export interface LogEntry {
  readonly offset: number
  readonly channel: string
  /** the published value as JSON text */
  readonly data: string
}

/** What a log calls with each entry, in order, each once. */
export type LogTail = (entry: LogEntry) => void

/**
 * An ordered record of all messages. It gives each message its offset and hands it to its tail; what is kept for
 * replay is the history's affair.
 */
export interface MessageLog {
  /** Names this life of the log: `[A-Za-z0-9_]{1,64}`. Offsets of two epochs are not comparable. */
  readonly epoch: string
  /** The offset of the newest entry, 0 when there is none. A cursor beyond it is not of this log. */
  readonly end: number
  /** Hands every further entry to `tail`. */
  follow (tail: LogTail): void
  /**
   * Appends a message and returns its offset. A `key` seen on the channel within the last 5 minutes appends nothing
   * and returns the first offset.
   */
  append (channel: string, data: string, key: string | undefined): number
  close (): void
}
