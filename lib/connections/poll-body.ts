import { Readable } from 'node:stream'

// Node reports that a body has left only when all of it has: a larger one is sent in pieces of this size.
const PIECE_BYTES = 65_536

/**
 * The body of a poll's response on its way out. A large one is sent in pieces, which shows whether the client reads it.
 */
export class PollBody {
  /** what `reply.send` takes */
  readonly payload: Buffer | Readable
  /** bytes */
  readonly length: number
  /** when the client last took a piece of it, or when it was created, ms of the monotonic clock */
  readAt = performance.now()

  constructor (body: Buffer) {
    this.length = body.length
    this.payload = body.length > PIECE_BYTES ? this.#pieces(body) : body
  }

  #pieces (body: Buffer): Readable {
    let start = 0
    const onRead = (): void => { this.readAt = performance.now() }
    return new Readable({
      highWaterMark: 1,
      read () {
        onRead()
        this.push(start < body.length ? body.subarray(start, start += PIECE_BYTES) : null)
      }
    })
  }
}
