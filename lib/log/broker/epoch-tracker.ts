import type { ForeignEntry, KnownPosition, LogState } from './broker.ts'
import { faultOf } from './entry-fault.ts'
import type { LogEntry } from '../message-log.ts'

/** What follows for the node's log from a session or from an entry of it. */
export type Step =
  /** Another epoch has begun. The log is read after `position`; entries up to `origin` are history. */
  | { readonly type: 'begin', readonly epoch: string, readonly position: number, readonly origin: number }
  /** The next entry, which the node has not read before. */
  | { readonly type: 'entry', readonly entry: LogEntry }
  /** Entries up to `position` are gone, and the node has not read them. */
  | { readonly type: 'lost', readonly position: number }
  /** An entry that no node can have appended, and why. */
  | { readonly type: 'skip', readonly reason: string }
  /** The history has been read. */
  | { readonly type: 'loaded' }

/**
 * Tracks how far a node has read, over all sessions and epochs: it turns what sessions say into steps, so that the node
 * gets each entry once, and learns where entries are missing, where another epoch begins and when its history is
 * loaded. It does no I/O. `LogState` has a drawing of the marks.
 *
 * A session begins with `resume`:
 *
 * | the node | the session | steps |
 * | --- | --- | --- |
 * | is new | any epoch | begin, at most `loadLength` entries before the end |
 * | was in this epoch | still holds the entry after `position` | none |
 * | was in this epoch | was trimmed beyond `position` | lost, up to `trimmedTo` |
 * | was in the epoch before | holds entries of it after `position` (`hasRest`) | none: `BrokerLog` drains them first |
 * | was in another epoch, had loaded | | begin, before the whole new epoch and the history that the log holds |
 * | was in another epoch, had not loaded | | begin, as if it were new |
 *
 * `loaded` follows each time if nothing is left to load. Then each entry is passed to `accept`:
 *
 * | the entry | steps |
 * | --- | --- |
 * | was read before | none |
 * | is the next one | entry |
 * | is in this epoch, with a hole before it | lost, entry |
 * | is of earlier epochs, with a hole before it | entry, after lost if the hole may have been trimmed |
 * | is foreign, or has a fault | skip |
 * | completes the history | the same, then loaded |
 *
 * The invariant: `position` never moves past an entry of the log without an entry, lost or skip step for it, except
 * at a begin step, which is a gap by itself.
 */
export class EpochTracker {
  readonly #loadLength: number
  #epoch: string | undefined
  #position = 0
  /** Entries up to here are history: of earlier epochs, or older than what a starting node is a part of. */
  #origin = 0
  /** `previousEnd` of the session that began the epoch: up to here, holes are entries that were trimmed. */
  #previousEnd = 0
  /**
   *     loading ──► live ◄──► reloading
   *
   * A node loads what is recent when it starts, and, when another epoch begins, reads the history before it again.
   */
  #phase: 'loading' | 'live' | 'reloading' = 'loading'
  /** The history is complete here. Of no meaning while live. */
  #loadTo = 0
  #steps: Step[] = []

  /** `loadLength`: the number of the latest entries that a node reads when it starts. */
  constructor (loadLength: number) {
    this.#loadLength = loadLength
  }

  /** The offset up to which everything has been read. */
  get position (): number {
    return this.#position
  }

  /** Epoch and position; `undefined` before the first `resume`. */
  get known (): KnownPosition | undefined {
    return this.#epoch === undefined ? undefined : { epoch: this.#epoch, position: this.#position }
  }

  /** Whether the log still holds entries of this node's epoch that are to be read before the session's epoch begins. */
  hasRest ({ previous, trimmedTo, previousEnd }: LogState): boolean {
    const isNext = this.#epoch !== undefined && this.#epoch === previous
    return isNext && trimmedTo <= this.#position && this.#position < previousEnd
  }

  /** Continues in the session's epoch, at this node's position or where the epoch begins. */
  resume (state: LogState): Step[] {
    if (this.#epoch === state.epoch) this.#moveTo(state.trimmedTo)
    else this.#begin(state)
    this.#finishLoading(this.#position)
    return this.#takeSteps()
  }

  /**
   * Takes the next entry of the session. `isSameBatch`: it came in one batch with the entry before it. Between those,
   * no entry of earlier epochs is missing: holes are offsets that were never used.
   */
  accept (entry: LogEntry | ForeignEntry, isSameBatch: boolean): Step[] {
    if (isSameBatch) this.#position = Math.max(this.#position, Math.min(entry.offset - 1, this.#origin))
    if (entry.offset > this.#position) this.#take(entry)
    return this.#takeSteps()
  }

  /** The session has no more entries for now: what the log said it had, and has not given, is gone. */
  exhaust (): Step[] {
    this.#finishLoading(Infinity)
    return this.#takeSteps()
  }

  #take (entry: LogEntry | ForeignEntry): void {
    const fault = faultOf(entry)
    if (fault !== undefined) return this.#skip(entry.offset, fault)
    this.#moveTo(entry.offset - 1)
    this.#position = entry.offset
    this.#steps.push({ type: 'entry', entry: entry as LogEntry })
    this.#finishLoading(this.#position)
  }

  // The offset of a foreign entry says nothing about the offsets before it: only the log's own entries do.
  #skip (offset: number, reason: string): void {
    if (offset <= this.#origin || offset === this.#position + 1) this.#position = offset
    this.#steps.push({ type: 'skip', reason })
    this.#finishLoading(this.#position)
  }

  // No entry is left up to `position`. The hole up to `origin` and the one after it are two: `loaded` may lie between.
  #moveTo (position: number): void {
    const historyEnd = Math.min(position, this.#origin)
    if (historyEnd > this.#position) {
      // Between the last entry of earlier epochs and the beginning of this one there never was any.
      if (this.#position < this.#previousEnd) this.#lose(historyEnd)
      else this.#position = historyEnd
    }
    this.#finishLoading(this.#position)
    if (position > this.#position) this.#lose(position)
  }

  #lose (position: number): void {
    this.#position = position
    this.#steps.push({ type: 'lost', position })
  }

  #begin ({ epoch, start, previousEnd, trimmedTo, end, length }: LogState): void {
    const isLoading = this.#phase === 'loading'
    const latest = length <= this.#loadLength ? trimmedTo : end - this.#loadLength
    // A node that has loaded gets the whole new epoch, and one that starts only its latest entries.
    const position = Math.max(trimmedTo, isLoading ? latest : Math.min(start, latest))
    this.#epoch = epoch
    this.#position = position
    this.#origin = Math.max(start, position)
    this.#previousEnd = previousEnd
    if (!isLoading && position < this.#origin) this.#phase = 'reloading'
    this.#loadTo = isLoading && end > start ? end : previousEnd
    this.#steps.push({ type: 'begin', epoch, position, origin: this.#origin })
  }

  #finishLoading (position: number): void {
    if (this.#phase === 'live' || position < this.#loadTo) return
    this.#phase = 'live'
    this.#position = Math.max(this.#position, this.#origin)
    this.#steps.push({ type: 'loaded' })
  }

  #takeSteps (): Step[] {
    const steps = this.#steps
    this.#steps = []
    return steps
  }
}
