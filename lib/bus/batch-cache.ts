import { encode } from './encode.ts'
import type { Channel, StoredMessage } from '../history/channel.ts'
import { readSlice } from '../history/read.ts'
import { isGap, type LogItem, type Slice } from '../history/slice.ts'
import type { Batch } from '../transports/batch.ts'
import type { Transport } from '../transports/transport.ts'

/** A batch of retained messages, shared by all connections that read them. */
export interface ReplayBatch {
  readonly batch: Batch
  /** the offset where it ends */
  readonly end: number
  /** the offset up to which it was read; if it ends earlier, more messages never change it */
  readonly readTo: number
}

/** What a replay is read for. */
export interface ReplayRequest {
  /** the channels, and what names them; an `Audience`, for one */
  readonly audience: { readonly key: string, readonly channels: readonly Channel[] }
  readonly transport: Transport
  readonly from: number
  readonly to: number
  /** bytes of frames */
  readonly budget: number
}

const MAX_BYTES = 4_194_304

/**
 * The batches that several connections receive, so that each is encoded once.
 *
 * - Of live messages, only the last one: audiences that are served one after the other with the same single message
 *   share its batches.
 * - Of retained messages, the pages of the last tick: clients that reconnect begin anywhere, but continue at page
 *   boundaries, so what one of them has read is ready for all others that read within about a second.
 */
export class BatchCache {
  readonly #toCursor: (offset: number) => string
  readonly #live = new Map<Transport, Batch>()
  #liveMessage: StoredMessage | undefined
  #replays = new Map<string, ReplayBatch>()
  #replayBytes = 0

  constructor (toCursor: (offset: number) => string) {
    this.#toCursor = toCursor
  }

  /** The batch of a slice that an audience receives. */
  live (slice: Slice<LogItem>, transport: Transport): Batch {
    const message = onlyMessage(slice)
    if (message === undefined) return encode(slice, transport)
    if (message !== this.#liveMessage) this.#live.clear()
    this.#liveMessage = message
    const batch = this.#live.get(transport) ?? encode(slice, transport)
    this.#live.set(transport, batch)
    return batch
  }

  /**
   * What an audience has after `from`: a page, or less if `to` or about `budget` bytes come first. A transport whose
   * policy reads no pages takes all that fits into the budget.
   */
  replay ({ audience, transport, from, to, budget }: ReplayRequest): ReplayBatch {
    if (this.#replayBytes > MAX_BYTES) this.clear()
    // By key, not by object: the audience of polls that are answered immediately ends with each of them.
    const key = `${transport.name} ${from} ${audience.key}`
    const known = this.#replays.get(key)
    // A batch that ended where the history ended may be longer now.
    if (known !== undefined && (known.readTo === to || known.end < known.readTo)) return known
    const isPaged = transport.policy.readsPages
    const slice = readSlice(audience.channels, from, to, { budget, toCursor: this.#toCursor, isPaged })
    const replay = { batch: encode(slice, transport), end: slice.end, readTo: to }
    this.#replays.set(key, replay)
    this.#replayBytes += key.length + replay.batch.chunk.length
    return replay
  }

  /** Forgets the batches of retained messages. */
  clear (): void {
    this.#replays = new Map()
    this.#replayBytes = 0
  }
}

function onlyMessage ({ items }: Slice<LogItem>): StoredMessage | undefined {
  const [item] = items
  return items.length === 1 && item !== undefined && !isGap(item) ? item : undefined
}
