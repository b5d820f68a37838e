/** One entry of a log. */
export interface LogEntry {
  /** A safe integer above 0. Offsets ascend over all channels; those of two epochs are not comparable. */
  readonly offset: number
  /** Empty for a note of one node to the others, which is no message and is told to nobody else. */
  readonly channel: string
  /** the published value as JSON text */
  readonly data: string
  /** When it was appended, ms since the epoch, for entries that may be old when they are read. Absent: now. */
  readonly time?: number
}

/** Where an append has gone. */
export interface Appended {
  readonly epoch: string
  readonly offset: number
  /** false: its `key` was known, and this is the earlier message */
  readonly isNew: boolean
}

/** Who reads a log: one node. It is told everything in log order, never from within one of its own calls but `append` and `start`. */
export interface LogReader {
  /**
   * The log is read from after `position` on, in this epoch (`[A-Za-z0-9_]{1,64}`). Called before any entry, and again
   * whenever another epoch has taken the place of this one: then everything held is dropped, and every subscriber receives
   * a gap `restarted` and goes on after `origin`, which is `position` where it is not given. Entries between the two are of
   * epochs before this one: they are history for newcomers, and `loaded` is called when they have been read.
   */
  begin (epoch: string, position: number, origin?: number): void
  /** The next entry: each once, its offset above all before it. It keeps what it can; it throws only from within `append`. */
  entry (entry: LogEntry): void
  /** Entries up to `position` are gone from the log before they were read here. Subscribers are told a gap `evicted`. */
  lost (position: number): void
  /** An entry that no node can have appended was skipped, and why. A log that nobody else can write to never calls this. */
  foreign? (reason: string): void
  /** What was in the log at the start has been read; up to here entries are history and are delivered to nobody. Called once, and once more for each `begin` whose `position` is below its `origin`. */
  loaded (): void
  /** Whether the log can be reached has changed; with the reason when it cannot. A log that always can never calls this. */
  reachable (isReachable: boolean, reason?: unknown): void
}

/**
 * An ordered record of all messages, which gives each its offset and tells its reader of it. What is kept for replay is
 * the reader's affair. A log belongs to one plugin instance; nodes that share an engine have a log each.
 *
 * `logContract` of `fastify-comet/testing` holds all that is said here.
 */
export interface MessageLog {
  /** whether other nodes append too */
  readonly shared: boolean
  /** Whether it can be reached now. A node whose log cannot goes on serving what it holds. */
  readonly connected: boolean
  /** Appends that have no answer yet. */
  readonly pending: number
  /**
   * Begins to read. First what the log holds of late, so that a node serves resumes from before its own birth, then
   * all that is appended, from whatever node. A log that cannot be reached keeps trying. Called once.
   */
  start (reader: LogReader): void
  /**
   * Appends a message. By the time that it is answered, the reader has been given the entry. A `key` seen on the channel within the
   * last 5 minutes, on whatever node, appends nothing: the answer is the first one's. Throws or rejects with a `COMET_ERR_…`; only
   * with `COMET_ERR_LOG_TIMEOUT` is it unknown whether the message is in the log.
   */
  append (channel: string, data: string, key: string | undefined): Appended | Promise<Appended>
  /**
   * Resolves when the reader has been given everything that is in the log at the time of this call, also when the log
   * has to be reached first; `undefined` when it has. So a cursor that is unknown afterwards is none of this log.
   */
  catchUp (): Promise<void> | undefined
  /** Ends it: appends that are under way may still be answered, all others reject, and the reader is called no more. Leaves nothing behind. */
  close (): Promise<void> | undefined
}
