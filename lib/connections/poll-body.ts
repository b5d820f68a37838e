import { Readable } from 'node:stream'

// Of an answer in one piece, Node tells nothing before all of it has left.
const PIECE_BYTES = 65_536

/** The body of a poll's answer on its way out: a large one in pieces, so that it shows whether somebody reads it. */
export class Answer {
  readonly payload: Buffer | Readable
  /** when the client last took a piece of it, or it was made, ms of the monotonic clock */
  readAt = performance.now()

  constructor (body: Buffer) {
    this.payload = body.length > PIECE_BYTES ? this.#pieces(body) : body
  }

  #pieces (body: Buffer): Readable {
    let start = 0
    const answer = this
    return new Readable({
      highWaterMark: 1,
      read () {
        answer.readAt = performance.now()
        this.push(start < body.length ? body.subarray(start, start += PIECE_BYTES) : null)
      }
    })
  }
}
