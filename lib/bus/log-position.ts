// Until the log was reached for the first time.
const NO_EPOCH = 'none'

/** Turns an offset of the log into a cursor. */
export type ToCursor = (offset: number) => string

/** How far a log has been read, and the cursors that name positions in it. */
export class LogPosition {
  epoch = NO_EPOCH
  /** The offset from which the epoch is known here: who comes from another one goes on after it. What is held up to it is history of epochs before. */
  origin = 0
  /** The offset up to which it has been read. */
  end = 0

  get hasBegun (): boolean {
    return this.epoch !== NO_EPOCH
  }

  begin (epoch: string, position: number): void {
    this.epoch = epoch
    this.origin = this.end = position
  }

  /** The cursor of an offset in the current epoch. */
  readonly toCursor: ToCursor = (offset) => `${this.epoch}-${offset}`

  /** The offset that a cursor stands for; `undefined` for one of another log or epoch, or ahead of what was read. */
  toOffset (cursor: string): number | undefined {
    const dash = cursor.lastIndexOf('-')
    const digits = cursor.slice(dash + 1)
    if (cursor.slice(0, dash) !== this.epoch || !/^\d{1,16}$/.test(digits)) return undefined
    const offset = Number(digits)
    return offset <= this.end ? offset : undefined
  }
}
