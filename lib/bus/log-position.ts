// Until the log was reached for the first time.
const NO_EPOCH = 'none'

/** Turns an offset of the log into a cursor. */
export type ToCursor = (offset: number) => string

/** How far a log has been read, and the cursors that name positions in it. */
export class LogPosition {
  epoch = NO_EPOCH
  /**
   * The offset after which the epoch is known here, where clients of other epochs continue. What is retained up to it
   * is history of earlier epochs.
   */
  origin = 0
  /** The offset up to which the log has been read. */
  end = 0
  /** Whether what the log contained before is still being read: history, which is delivered to no subscriber. */
  isLoading = true

  get hasBegun (): boolean {
    return this.epoch !== NO_EPOCH
  }

  /** Continues at `position` of another epoch. */
  begin (epoch: string, position: number): void {
    this.epoch = epoch
    this.origin = this.end = position
  }

  /** The cursor of an offset in the current epoch. */
  readonly toCursor: ToCursor = (offset) => `${this.epoch}-${offset}`

  /** The offset of a cursor; `undefined` if it is of another log or epoch, or ahead of what has been read. */
  toOffset (cursor: string): number | undefined {
    const dash = cursor.lastIndexOf('-')
    const digits = cursor.slice(dash + 1)
    if (cursor.slice(0, dash) !== this.epoch || !/^\d{1,16}$/.test(digits)) return undefined
    const offset = Number(digits)
    return offset <= this.end ? offset : undefined
  }
}
