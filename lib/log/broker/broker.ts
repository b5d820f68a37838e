import type { Appended, LogEntry } from '../message-log.ts'

/** A message on its way into the log. */
export interface LogRecord {
  /** Counts the records of this node, from 1, in the order in which they are sent. */
  readonly number: number
  readonly channel: string
  /** the published value as JSON text */
  readonly data: string
  /** the idempotency key, if any */
  readonly key: string | undefined
}

/** An entry that no node has appended: it is skipped. */
export interface ForeignEntry {
  readonly offset: number
  /** what is wrong with it */
  readonly foreign: string
}

/** How far a node has read. */
export interface KnownPosition {
  readonly epoch: string
  /** the offset of the last entry that the node has read */
  readonly position: number
}

/**
 * A broker that several nodes share, such as Redis. `BrokerLog` makes a log of it: an implementation connects, reads
 * and appends, and leaves retries, timeouts and epochs to `BrokerLog`.
 */
export interface Broker {
  /** The name of the broker in messages, such as "Redis". */
  readonly name: string
  /**
   * Connects and finds out the epoch (`[A-Za-z0-9_]{1,64}`; `BrokerLog` refuses a session with another one). The epoch
   * lives in the broker, with the offset after which it began, and is changed by compare-and-set, so that all nodes
   * agree. A new epoch begins, after the last entry, if there was none, or if the broker is another one, was restarted,
   * or has lost entries that this node has read (`known`): whenever entries that a node has read may be gone and their
   * offsets be given again. Rejects if that cannot be done now, and immediately when `signal` aborts.
   */
  connect (known: KnownPosition | undefined, signal: AbortSignal): Promise<BrokerSession>
}

/**
 * What the log held when a session began. The offsets are marks on one line:
 *
 *     trimmedTo          previousEnd     start                end
 *     ────┼───────────────────┼────────────┼───────────────────┼───►
 *     gone│ of earlier epochs │ never used │ of this epoch     │ to come
 *
 * `trimmedTo` moves right as the log is trimmed, also past `start`. Where the end of the earlier epochs is not known,
 * `previousEnd` is `start`.
 */
export interface LogState {
  readonly epoch: string
  /** The offset after which the epoch began. */
  readonly start: number
  /** The epoch before, if it is known. */
  readonly previous: string | undefined
  /**
   * The offset of the last entry of earlier epochs that the log holds. A node may have read more than the log holds.
   */
  readonly previousEnd: number
  /** The offset before the oldest entry that the log holds; `end` if it holds none. */
  readonly trimmedTo: number
  /** The offset of the last entry. */
  readonly end: number
  /** The number of entries that the log holds, which may be smaller than the number of offsets. */
  readonly length: number
}

/**
 * A connection to the broker, for one epoch. After any fault the whole session ends: `entries` throws, appends reject,
 * and `BrokerLog` closes it and opens another one.
 */
export interface BrokerSession {
  readonly state: LogState
  /**
   * All entries after `position`, of whatever epoch, in order and without end, in batches as they arrive; an empty
   * batch means that there are no more for now. Offsets ascend by one: where they do not, the entries in between are
   * taken to be lost. A broker that has gone silent must be noticed within seconds. May be called again to read from an
   * earlier position.
   */
  entries (position: number): AsyncIterable<readonly (LogEntry | ForeignEntry)[]>
  /**
   * Appends a record, in the order of the calls, for this epoch only. The record may have been sent before, over an
   * earlier session: then the broker recognizes it by node and number, and the result is its first offset. Rejects with
   * `COMET_ERR_LOG_REFUSED` if the broker does not accept this record; any other error means that the session has
   * ended.
   */
  append (record: LogRecord): Promise<Appended>
  /** The epoch and the offset of the last entry as they are now in the broker. */
  head (): Promise<Pick<LogState, 'epoch' | 'end'>>
  /** Ends the session immediately. Pending calls reject. */
  close (): void
}

/** The options that every log over a broker takes. */
export interface BrokerOptions {
  /** How long a publish waits for a broker that does not answer, in ms. */
  readonly publishTimeout: number
  /** The number of the latest entries that a node reads when it starts. */
  readonly loadLength: number
}
