import type { Audience } from '../audience.ts'
import type { Batch } from '../../transports/batch.ts'
import { encode, type ToCursor } from '../encode.ts'
import { read } from '../../history/read.ts'
import type { Transport } from '../../transports/transport.ts'

/** A stretch of the history as bytes, and the position after it. */
export interface Page {
  readonly batch: Batch
  readonly end: number
  /** up to where it was read: where it ends before, it has all that it will ever have */
  readonly readTo: number
}

const MAX_BYTES = 4_194_304

/**
 * The history as those read it who come back after a while. They begin anywhere, but go on from where pages end: what
 * one of them has read is there, as bytes, for all that come within the same second or so.
 */
export class Pages {
  readonly #toCursor: ToCursor
  #pages = new Map<string, Page>()
  #bytes = 0

  constructor (toCursor: ToCursor) {
    this.#toCursor = toCursor
  }

  /**
   * What an audience has after `from`: a page, or less where `to` or about `budget` bytes are reached before. For a transport
   * that ends after its first flush, which must bring as much as it can, the budget alone ends a page.
   */
  read (audience: Audience, transport: Transport, from: number, to: number, budget: number): Page {
    if (this.#bytes > MAX_BYTES) this.forget()
    // Not the audience itself: that of polls which are answered at once does not live from one to the next.
    const key = `${transport.name} ${from} ${audience.key}`
    const known = this.#pages.get(key)
    // One that ended for want of more may have more by now.
    if (known !== undefined && (known.readTo === to || known.end < known.readTo)) return known
    const reading = read(audience.channels, from, to, { budget, paged: transport.policy.readsPages })
    const page = { batch: encode(transport, reading, this.#toCursor), end: reading.end, readTo: to }
    this.#pages.set(key, page)
    this.#bytes += key.length + page.batch.chunk.length
    return page
  }

  /** Lets go of all bytes. */
  forget (): void {
    this.#pages = new Map()
    this.#bytes = 0
  }
}
