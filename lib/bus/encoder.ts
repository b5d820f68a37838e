import type { Batch } from '../transports/batch.ts'
import type { StoredMessage } from '../history/channel.ts'
import { encode, type ToCursor } from './encode.ts'
import { type Gap, isGap, type Reading } from '../history/read.ts'
import type { Transport } from '../transports/transport.ts'

/** Encodes what audiences read; those that follow each other with one and the same message share its bytes. */
export class Encoder {
  readonly #toCursor: ToCursor
  readonly #batches = new Map<Transport, Batch>()
  #message: StoredMessage | undefined

  constructor (toCursor: ToCursor) {
    this.#toCursor = toCursor
  }

  encode (transport: Transport, reading: Reading): Batch {
    const message = onlyMessage(reading)
    if (message === undefined) return encode(transport, reading, this.#toCursor)
    if (message !== this.#message) this.#batches.clear()
    this.#message = message
    const batch = this.#batches.get(transport) ?? encode(transport, reading, this.#toCursor)
    this.#batches.set(transport, batch)
    return batch
  }
}

function onlyMessage ({ items }: Reading): StoredMessage | undefined {
  const item = items[0] as StoredMessage | Gap
  return items.length === 1 && !isGap(item) ? item : undefined
}
