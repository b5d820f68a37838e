import assert from 'node:assert/strict'
import { withTimeout } from '../../util/promises.ts'
import { Condition } from '../../util/condition.ts'
import type { LogEntry, LogReader } from '../message-log.ts'

const PATIENCE = 20_000 // ms

/** A reader that records what its log passes to it. */
export class Recorder implements LogReader {
  /** each call, in order, as text */
  readonly events: string[] = []
  /** the entries, without those that were read again as history */
  readonly entries: LogEntry[] = []
  readonly epochs: string[] = []
  /** the positions after which subscribers continue in each epoch */
  readonly begun: number[] = []
  readonly lostUpTo: number[] = []
  /** what a new subscriber receives: everything that is retained of this epoch, and of those before it */
  held: LogEntry[] = []
  /** why entries were skipped */
  readonly foreignReasons: string[] = []
  loads = 0
  isReachable: boolean | undefined
  /** the number of entries before the first `loaded` */
  history = 0
  readonly #changed = new Condition()

  /** The data of the entries. */
  get data (): unknown[] {
    return this.entries.map(({ data }) => JSON.parse(data) as unknown)
  }

  /** The latest epoch. */
  get epoch (): string | undefined {
    return this.epochs.at(-1)
  }

  begin (epoch: string, position: number, origin = position): void {
    this.epochs.push(epoch)
    this.begun.push(origin)
    this.held = []
    this.#record(`begin ${epoch} ${origin}`)
  }

  entry (entry: LogEntry): void {
    this.held.push(entry)
    // An entry that a node reads again for new subscribers is recorded already.
    const isAgain = this.loads > 0 && entry.offset <= (this.begun.at(-1) as number)
    if (!isAgain) this.entries.push(entry)
    this.#record(`${isAgain ? 'again' : 'entry'} ${entry.offset}`)
  }

  lost (position: number): void {
    this.held = this.held.filter(({ offset }) => offset > position)
    this.lostUpTo.push(position)
    this.#record(`lost ${position}`)
  }

  foreign (reason: string): void {
    this.foreignReasons.push(reason)
    this.#record(`foreign: ${reason}`)
  }

  loaded (): void {
    this.loads++
    if (this.loads === 1) this.history = this.entries.length
    this.#record('loaded')
  }

  reachable (isReachable: boolean): void {
    this.isReachable = isReachable
    this.#record(isReachable ? 'reachable' : 'unreachable')
  }

  /** Resolves when the condition holds; rejects, with the latest events, if it does not within 20 s. */
  async until (holds: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE
    while (!holds()) {
      const left = deadline - performance.now()
      if (left <= 0) assert.fail(`waited in vain for ${holds.toString()} in ${this.events.slice(-20).join(', ')}`)
      await withTimeout(this.#changed.wait(), left)
    }
  }

  #record (event: string): void {
    this.events.push(event)
    this.#changed.notifyAll()
  }
}
