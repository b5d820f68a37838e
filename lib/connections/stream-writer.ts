import type { Batch } from '../transports/batch.ts'
import { type ConnectionParts, countSent } from './connection.ts'
import { peerOf } from './sockets/dead-peers.ts'
import { type Response, streamResponse } from './sockets/response.ts'

type WriterParts = Omit<ConnectionParts, 'bus' | 'lease' | 'subscription'>

/** The response of a stream: it writes batches, counts them, and says whether there is room for more. */
export class StreamWriter {
  readonly #parts: Pick<ConnectionParts, 'counters' | 'lifecycle' | 'transport'>
  readonly #response: Response
  #bytes = 0

  /** Sends the head and the first batch. */
  constructor (parts: WriterParts, first: Batch) {
    const { counters, lifecycle, transport, request, reply, settings } = parts
    this.#parts = { counters, lifecycle, transport }
    this.#response = streamResponse(request, reply, first, settings)
    this.#count(first, first.body.length)
  }

  /** Whether this response has reached the byte limit of its transport. */
  get isFull (): boolean {
    return this.#bytes > this.#parts.transport.maxBytes
  }

  /** Whether at most `maxBufferedBytes` are unsent; if not, wait with `onceReady`. */
  get isReady (): boolean {
    return this.#response.ready()
  }

  /** Whether the client has left. */
  get isGone (): boolean {
    return this.#response.isGone()
  }

  /** The other side of its socket; see `peerOf`. */
  get peer (): string {
    return peerOf(this.#response.socket)
  }

  /** Writes a batch and counts it. */
  write (batch: Batch): void {
    this.#count(batch, this.#response.write(batch))
  }

  /** Calls back once everything written so far has left. */
  onceReady (callback: () => void): void {
    this.#response.onceReady(callback)
  }

  /** Ends the response after what was written. */
  end (): void {
    this.#response.end()
  }

  /** Ends the response immediately, whatever is unsent. */
  destroy (): void {
    this.#response.destroy()
  }

  // `maxBytes` is about what the browser holds, before compression.
  #count (batch: Batch, sent: number): void {
    countSent(this.#parts, batch, sent)
    this.#bytes += batch.body.length
  }
}
