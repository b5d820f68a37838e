import type { Appended, LogEntry } from '../message-log.ts'

/** A message on its way into the log. */
export interface LogRecord {
  /** Counts the records of this node, from 1, in the order in which they are sent. */
  readonly number: number
  readonly channel: string
  readonly data: string
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
  readonly position: number
}

/** An engine that several nodes share, such as Redis. `brokerLog` makes a log of it: a driver connects, reads and appends, and need not care for the rest. */
export interface Broker {
  /** of the engine, for messages: "Redis" */
  readonly name: string
  /**
   * Connects, and finds out the epoch (`[A-Za-z0-9_]{1,64}`; a session with another one is refused). It lives in the engine, with the position where it began, and is changed by compare-and-set,
   * so that all nodes agree. A new one begins, after the last entry, where there was none, or where the engine is
   * another than it was, or was restarted, or has lost what this node knows (`known`): whenever entries that somebody
   * has read may be gone and their offsets be given again. Rejects where that cannot be done now, and at once when `signal` aborts.
   */
  connect (known: KnownPosition | undefined, signal: AbortSignal): Promise<BrokerSession>
}

/**
 * A connection to the engine, good for one epoch. When anything is wrong it ends, whole: `entries` throws, appends
 * reject, and it is closed and another one is made.
 */
export interface BrokerSession {
  readonly epoch: string
  /** The offset after which the epoch began. */
  readonly start: number
  /** The epoch before, when it is known: its entries end at `rest`. */
  readonly previous: string | undefined
  /** The offset of the last entry up to `start` that the log holds, or any up to `start` where that is not known. What a node has read may be more than the log holds. */
  readonly rest: number
  /** The offset before the oldest entry that the log holds; `end` when it holds none. */
  readonly first: number
  /** The offset of the last entry. */
  readonly end: number
  /** How many entries the log holds, which may be fewer than there are offsets. */
  readonly length: number
  /**
   * All entries after `position`, whatever their epoch, in order, for ever, in batches as they come; an empty batch says
   * that there is no more by now. Offsets ascend by one: where they do not, the entries between are taken to be lost. It
   * must notice, within seconds, an engine that has gone silent. Called again to go back.
   */
  entries (position: number): AsyncIterable<readonly (LogEntry | ForeignEntry)[]>
  /**
   * Appends a record, in the order of the calls, for this epoch only. The record may have been sent before, over an
   * earlier session: then the engine knows it by node and number, and this is its first offset. Rejects with
   * `COMET_ERR_LOG_REFUSED` when the engine does not take this record; any other error means that the session has ended.
   */
  append (record: LogRecord): Promise<Appended>
  /** The epoch and the offset of the last entry as they are now in the engine. */
  head (): Promise<{ epoch: string, end: number }>
  /** Ends it at once. What is under way rejects. */
  close (): void
}

/** What every log over an engine takes. */
export interface BrokerOptions {
  /** How long a publish waits for an engine that does not answer, ms. */
  readonly publishTimeout: number
  /** How many of the latest entries a node reads when it starts. */
  readonly loadLength: number
}
