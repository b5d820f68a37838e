/** How long a log remembers idempotency keys, in ms: 5 minutes. */
export const KEY_LIFETIME = 300_000

/** One entry of a log. */
export interface LogEntry {
  /** A safe integer above 0. Offsets ascend over all channels; those of two epochs are not comparable. */
  readonly offset: number
  /** Empty for a control message of one node to the others, which no subscriber receives. */
  readonly channel: string
  /** the published value as JSON text */
  readonly data: string
  /** When it was appended, in ms since the Unix epoch, for entries that may be old when they are read. Absent: now. */
  readonly time?: number
}

/** Where an append has put its message. */
export interface Appended {
  readonly epoch: string
  readonly offset: number
  /** false: its `key` was known, and this is the earlier message */
  readonly isNew: boolean
}

/**
 * What a node does with its log. The log calls these methods in log order, and never from within one of its own methods
 * except `append` and `start`.
 */
export interface LogReader {
  /**
   * The log is read after `position`, in this epoch (`[A-Za-z0-9_]{1,64}`). Called before any entry, and again whenever
   * another epoch replaces this one: then everything retained is dropped, and every subscriber receives a gap
   * `restarted` and continues after `origin`, which defaults to `position`. Entries between the two are of earlier
   * epochs: they are history for new subscribers, and `loaded` is called when they have been read.
   */
  begin (epoch: string, position: number, origin?: number): void
  /** The next entry: each once, with an offset above those before it. May throw only if it is called from `append`. */
  entry (entry: LogEntry): void
  /** Entries up to `position` were removed from the log before they were read. Subscribers receive a gap `evicted`. */
  lost (position: number): void
  /** An entry that no node can have appended was skipped, and why. Not called by a log that only nodes can write to. */
  foreign? (reason: string): void
  /**
   * What was in the log at the start has been read; entries up to here are history and are delivered to no subscriber.
   * Called once, and once more for each `begin` whose `position` is below its `origin`.
   */
  loaded (): void
  /**
   * The log has become reachable, or unreachable: then with the reason. Not called by a log that is always reachable.
   */
  reachable (isReachable: boolean, reason?: unknown): void
}

/**
 * An ordered record of all messages, which gives each its offset and passes it to its reader. The history that is
 * retained for replay belongs to the reader. A log belongs to one instance of the plugin; nodes that share a broker
 * have one each.
 *
 * `logContract` of `fastify-comet/testing` checks everything that is said here.
 */
export interface MessageLog {
  /** whether other nodes append too */
  readonly shared: boolean
  /** Whether the log is reachable now. If it is not, its node continues to serve what it retains. */
  readonly connected: boolean
  /** The number of appends without an answer. */
  readonly pending: number
  /**
   * Begins to read: first the recent entries of the log, so that a node can serve resumes from before its own start,
   * then everything that any node appends. While the log is unreachable, it retries. Called once.
   */
  start (reader: LogReader): void
  /**
   * Appends a message. The reader is given the entry before the answer. A `key` seen on the channel within the last
   * 5 minutes, on any node, appends nothing: the answer is that of the first append. Throws or rejects with a
   * `COMET_ERR_…`; only after `COMET_ERR_LOG_TIMEOUT` is it unknown whether the message is in the log.
   */
  append (channel: string, data: string, key: string | undefined): Appended | Promise<Appended>
  /**
   * Resolves when the reader has been given everything that is in the log at the time of this call, also if the log
   * first has to become reachable; `undefined` if it has been given all. A cursor that is unknown afterwards is not of
   * this log.
   */
  catchUp (): Promise<void> | undefined
  /**
   * Closes the log: pending appends may still be answered, all others reject, and the reader is not called any more.
   * Leaves no timer and no connection of its own.
   */
  close (): Promise<void> | undefined
}
