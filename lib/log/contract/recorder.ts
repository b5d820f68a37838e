import assert from 'node:assert/strict'
import { withTimeout } from '../../util/promises.ts'
import { Signal } from '../../util/signal.ts'
import type { LogEntry, LogReader } from '../message-log.ts'

const PATIENCE = 20_000 // ms

/** A reader that remembers what it was told. */
export class Recorder implements LogReader {
  /** all that was told, in order */
  readonly told: string[] = []
  readonly entries: LogEntry[] = []
  readonly epochs: string[] = []
  /** the positions from which each epoch goes on */
  readonly begun: number[] = []
  readonly lostUpTo: number[] = []
  /** what a newcomer would be given: all that is held of this epoch, and of those before it */
  held: LogEntry[] = []
  /** reasons for which entries were skipped */
  readonly foreignReasons: string[] = []
  loads = 0
  isReachable: boolean | undefined
  /** how many entries were told before `loaded` */
  history = 0
  readonly #changed = new Signal()

  get data (): unknown[] {
    return this.entries.map(({ data }) => JSON.parse(data) as unknown)
  }

  get epoch (): string | undefined {
    return this.epochs.at(-1)
  }

  begin (epoch: string, position: number, origin = position): void {
    this.epochs.push(epoch)
    this.begun.push(origin)
    this.held = []
    this.#note(`begin ${epoch} ${origin}`)
  }

  entry (entry: LogEntry): void {
    this.held.push(entry)
    // What a node reads again for newcomers was an entry before.
    const isAgain = this.loads > 0 && entry.offset <= (this.begun.at(-1) as number)
    if (!isAgain) this.entries.push(entry)
    this.#note(`${isAgain ? 'again' : 'entry'} ${entry.offset}`)
  }

  lost (position: number): void {
    this.held = this.held.filter(({ offset }) => offset > position)
    this.lostUpTo.push(position)
    this.#note(`lost ${position}`)
  }

  foreign (reason: string): void {
    this.foreignReasons.push(reason)
    this.#note(`foreign: ${reason}`)
  }

  loaded (): void {
    this.loads++
    if (this.loads === 1) this.history = this.entries.length
    this.#note('loaded')
  }

  reachable (isReachable: boolean): void {
    this.isReachable = isReachable
    this.#note(isReachable ? 'reachable' : 'unreachable')
  }

  /** Resolves when this holds; rejects, with what was told, when it does not within 20 s. */
  async until (holds: () => boolean): Promise<void> {
    const deadline = performance.now() + PATIENCE
    while (!holds()) {
      if (performance.now() > deadline) assert.fail(`waited in vain for ${holds.toString()} in ${this.told.slice(-20).join(', ')}`)
      await withTimeout(this.#changed.wait(), deadline - performance.now())
    }
  }

  #note (event: string): void {
    this.told.push(event)
    this.#changed.notifyAll()
  }
}
