import type { BatchCache } from './batch-cache.ts'
import type { ToCursor } from './log-position.ts'
import type { Rounds } from './rounds.ts'
import type { Channel, ChannelUser } from '../history/channel.ts'
import { readSlice } from '../history/read.ts'
import type { LogItem, Slice } from '../history/slice.ts'
import type { Batch } from '../transports/batch.ts'
import type { Transport } from '../transports/transport.ts'

/** A connection as its audience sees it. */
export interface Receiver {
  readonly transport: Transport
  /** Takes a batch that ends at `position`. */
  deliver (batch: Batch, position: number): void
  /** Another epoch has begun. */
  restart (): void
  /**
   * One of its methods has thrown. What it missed is unknown, so it ends immediately, and its client resumes at the
   * position that it has.
   */
  fail (): void
}

/** What an audience works with. */
export interface AudienceParts {
  readonly batches: BatchCache
  readonly rounds: Rounds
  readonly toCursor: ToCursor
}

// The messages of a tick that exceed this are written in several batches, so that a full socket is noticed in between.
const BATCH_BYTES = 262_144

/**
 * The connections with the same channels. Those that are live, having been sent everything so far, get the same batch,
 * read once and encoded once for each transport.
 */
export class Audience implements ChannelUser {
  readonly key: string
  readonly channels: readonly Channel[]
  readonly #parts: AudienceParts
  readonly #live = new Map<Transport, Set<Receiver>>()
  /** the number of connections, live or not */
  connections = 0
  /** when it was last served, in ms of the monotonic clock */
  servedAt = 0

  constructor (key: string, channels: readonly Channel[], parts: AudienceParts) {
    this.key = key
    this.channels = channels
    this.#parts = parts
  }

  /** From here on the receiver gets every batch. It must have been sent everything so far. */
  attach (receiver: Receiver): void {
    const receivers = this.#live.get(receiver.transport)
    if (receivers === undefined) this.#live.set(receiver.transport, new Set([receiver]))
    else receivers.add(receiver)
  }

  /** The receiver gets no further batch. */
  detach (receiver: Receiver): void {
    this.#live.get(receiver.transport)?.delete(receiver)
  }

  serve (from: number, to: number): void {
    const { toCursor } = this.#parts
    this.servedAt = performance.now()
    for (let position = from; position < to;) {
      const slice = readSlice(this.channels, position, to, { budget: BATCH_BYTES, toCursor })
      if (slice.items.length > 0 && !this.#deliver(slice)) return
      position = slice.end
    }
  }

  restart (): void {
    for (const receiver of [...this.#live.values()].flatMap((receivers) => [...receivers])) {
      try {
        receiver.restart()
      } catch (error) {
        this.#drop(receiver, error)
      }
    }
  }

  /** Returns whether there was anybody to deliver to. */
  #deliver (slice: Slice<LogItem>): boolean {
    let isDelivered = false
    for (const [transport, receivers] of this.#live) {
      if (receivers.size === 0) continue
      const batch = this.#encode(slice, transport, receivers)
      if (batch === undefined) continue
      for (const receiver of receivers) {
        try {
          receiver.deliver(batch, slice.end)
        } catch (error) {
          this.#drop(receiver, error)
        }
      }
      isDelivered = true
    }
    return isDelivered
  }

  #encode (slice: Slice<LogItem>, transport: Transport, receivers: Iterable<Receiver>): Batch | undefined {
    try {
      return this.#parts.batches.live(slice, transport)
    } catch (error) {
      for (const receiver of receivers) this.#drop(receiver, error)
      return undefined
    }
  }

  #drop (receiver: Receiver, error: unknown): void {
    const { rounds } = this.#parts
    this.detach(receiver)
    rounds.report(error)
    rounds.guard(() => { receiver.fail() })
  }
}
