import type { Batch } from '../transports/batch.ts'
import type { Channel, ChannelUser } from '../history/channel.ts'
import type { BatchCache } from './batch-cache.ts'
import { readSlice } from '../history/read.ts'
import type { LogItem, Slice } from '../history/slice.ts'
import type { Rounds } from './rounds.ts'
import type { ToCursor } from './log-position.ts'
import type { Transport } from '../transports/transport.ts'

/** A connection as its audience sees it. */
export interface Receiver {
  readonly transport: Transport
  /** Takes a batch that ends at `position`. */
  deliver (batch: Batch, position: number): void
  /** Another epoch has begun. */
  restart (): void
  /**
   * One of its methods has thrown, and what it missed by that cannot be told: it ends at once, so that its client comes
   * back at the position that it has.
   */
  fail (): void
}

// A turn that published more is written in several batches, so that a full socket is noticed in between.
const BATCH_BYTES = 262_144

/**
 * The connections with one and the same set of channels. Those that are in step, having been sent everything so far,
 * get one batch, read once and encoded once for each transport.
 */
export class Audience implements ChannelUser {
  readonly key: string
  readonly channels: readonly Channel[]
  readonly #batches: BatchCache
  readonly #toCursor: ToCursor
  readonly #rounds: Rounds
  readonly #inStep = new Map<Transport, Set<Receiver>>()
  /** connections of this audience, in step or not */
  connections = 0
  /** when it was last served, ms of the monotonic clock */
  servedAt = 0

  constructor (key: string, channels: readonly Channel[], batches: BatchCache, toCursor: ToCursor, rounds: Rounds) {
    this.key = key
    this.channels = channels
    this.#batches = batches
    this.#toCursor = toCursor
    this.#rounds = rounds
  }

  /** From here on the receiver gets every batch. It must have been sent everything so far. */
  enter (receiver: Receiver): void {
    const receivers = this.#inStep.get(receiver.transport)
    if (receivers === undefined) this.#inStep.set(receiver.transport, new Set([receiver]))
    else receivers.add(receiver)
  }

  leave (receiver: Receiver): void {
    this.#inStep.get(receiver.transport)?.delete(receiver)
  }

  serve (from: number, to: number): void {
    this.servedAt = performance.now()
    for (let position = from; position < to;) {
      const slice = readSlice(this.channels, position, to, { budget: BATCH_BYTES, toCursor: this.#toCursor })
      if (slice.items.length > 0 && !this.#deliver(slice)) return
      position = slice.end
    }
  }

  restart (): void {
    for (const receiver of [...this.#inStep.values()].flatMap((receivers) => [...receivers])) {
      try {
        receiver.restart()
      } catch (error) {
        this.#drop(receiver, error)
      }
    }
  }

  #deliver (slice: Slice<LogItem>): boolean {
    let delivered = false
    for (const [transport, receivers] of this.#inStep) {
      if (receivers.size === 0) continue
      const batch = this.#encode(transport, receivers, slice)
      if (batch === undefined) continue
      for (const receiver of receivers) {
        try {
          receiver.deliver(batch, slice.end)
        } catch (error) {
          this.#drop(receiver, error)
        }
      }
      delivered = true
    }
    return delivered
  }

  #encode (transport: Transport, receivers: Iterable<Receiver>, slice: Slice<LogItem>): Batch | undefined {
    try {
      return this.#batches.live(slice, transport)
    } catch (error) {
      for (const receiver of receivers) this.#drop(receiver, error)
      return undefined
    }
  }

  #drop (receiver: Receiver, error: unknown): void {
    this.leave(receiver)
    this.#rounds.report(error)
    this.#rounds.guard(() => { receiver.fail() })
  }
}
