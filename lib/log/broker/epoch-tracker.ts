import type { BrokerSession, ForeignEntry, KnownPosition } from './broker.ts'
import { faultOf } from './entry-fault.ts'
import type { LogEntry, LogReader } from '../message-log.ts'
import { Milestones } from './position-waiters.ts'

/** What a session says of its epoch, and of what the log holds. */
type State = Pick<BrokerSession, 'epoch' | 'previous' | 'start' | 'rest' | 'first' | 'end' | 'length'>

/**
 * How far a node has read, over all sessions: it gives its reader each entry once, and says where some are missing, where
 * another epoch has begun, and when what was in the log has been loaded.
 */
export class Progress {
  readonly #reader: LogReader
  readonly #loadLength: number
  /** who waits for a position to be read */
  readonly read = new Milestones()
  /** undefined until the log was reached for the first time */
  #epoch: string | undefined
  position = 0
  /** Entries up to here are of epochs before this one. */
  #origin = 0
  /** the last of those that the log holds */
  #rest = 0
  /** What is loaded is complete here; undefined when it is. */
  #loadTo: number | undefined
  #hasLoaded = false

  constructor (reader: LogReader, loadLength: number) {
    this.#reader = reader
    this.#loadLength = loadLength
  }

  get known (): KnownPosition | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, position: this.position }
  }

  /** Whether the log still holds the rest of this node's epoch, which is to be read before the next one begins. */
  hasRest ({ previous, first, rest }: State): boolean {
    return this.#epoch !== undefined && this.#epoch === previous && first <= this.position && this.position < rest
  }

  /** Whether that has been read with these entries; where there are none, there is no more. */
  takeRest (entries: readonly (LogEntry | ForeignEntry)[], { rest }: State): boolean {
    for (const entry of entries) {
      if (entry.offset <= rest) this.#take(entry)
    }
    return entries.length === 0 || this.position >= rest || (entries.at(-1) as LogEntry).offset >= rest
  }

  /** Goes on where it was, if the log still has that; else where the session's epoch begins. */
  takeUp (state: State): void {
    if (this.#epoch === state.epoch) this.#passTo(state.first)
    else this.#begin(state)
    this.#completeAt(this.position)
  }

  /** The next entries; where there are none, there is no more by now. */
  takeAll (entries: readonly (LogEntry | ForeignEntry)[]): void {
    for (const [index, entry] of entries.entries()) {
      // Of the epochs before nothing is missing within what was read at once: it is as the log holds it.
      if (index > 0) this.position = Math.max(this.position, Math.min(entry.offset - 1, this.#origin))
      this.#take(entry)
    }
    if (entries.length === 0) this.#completeAt(Infinity)
    this.read.pass(this.position)
  }

  #take (entry: LogEntry | ForeignEntry): void {
    if (entry.offset <= this.position) return
    const fault = faultOf(entry)
    if (fault !== undefined) return this.#skip(entry.offset, fault)
    this.#passTo(entry.offset - 1)
    this.position = entry.offset
    this.#reader.entry(entry as LogEntry)
    this.#completeAt(this.position)
  }

  // Its offset says nothing of what lies before it: only the log's own entries do.
  #skip (offset: number, fault: string): void {
    if (offset <= this.#origin || offset === this.position + 1) this.position = offset
    this.#reader.foreign?.(fault)
    this.#completeAt(this.position)
  }

  #passTo (position: number): void {
    this.#passPast(Math.min(position, this.#origin))
    this.#completeAt(this.position)
    if (position > this.position) this.#lose(position)
  }

  // Between the last entry of the epochs before and the beginning of this one there are none.
  #passPast (position: number): void {
    if (position <= this.position) return
    if (this.position < this.#rest) this.#lose(position)
    this.position = position
  }

  #lose (position: number): void {
    this.position = position
    this.#reader.lost(position)
  }

  #begin ({ epoch, start, rest, first, end, length }: State): void {
    const latest = length <= this.#loadLength ? first : end - this.#loadLength
    // Who reads on is given all of the new epoch, and who starts only so much.
    const position = Math.max(first, this.#hasLoaded ? Math.min(start, latest) : latest)
    this.#epoch = epoch
    this.position = position
    this.#origin = Math.max(start, position)
    this.#rest = rest
    if (!this.#hasLoaded) this.#loadTo = end > start ? end : rest
    else if (position < this.#origin || this.#loadTo !== undefined) this.#loadTo = rest
    this.#reader.begin(epoch, position, this.#origin)
    // What is waited for is of another epoch now.
    this.read.pass(Infinity)
  }

  #completeAt (position: number): void {
    if (this.#loadTo === undefined || position < this.#loadTo) return
    this.#loadTo = undefined
    this.#hasLoaded = true
    this.position = Math.max(this.position, this.#origin)
    this.#reader.loaded()
  }
}
