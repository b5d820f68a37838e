import type { Batch } from '../transports/batch.ts'
import type { Channel, ChannelUser } from '../history/channel.ts'
import type { Encoder } from './encoder.ts'
import { read, type Reading } from '../history/read.ts'
import type { Rounds } from './rounds.ts'
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
  readonly #encoder: Encoder
  readonly #rounds: Rounds
  readonly #inStep = new Map<Transport, Set<Receiver>>()
  /** connections of this audience, in step or not */
  connections = 0
  /** when it was last served, ms of the monotonic clock */
  servedAt = 0

  constructor (key: string, channels: readonly Channel[], encoder: Encoder, rounds: Rounds) {
    this.key = key
    this.channels = channels
    this.#encoder = encoder
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
      const reading = read(this.channels, position, to, { budget: BATCH_BYTES })
      if (reading.items.length > 0 && !this.#deliver(reading)) return
      position = reading.end
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

  #deliver (reading: Reading): boolean {
    let delivered = false
    for (const [transport, receivers] of this.#inStep) {
      if (receivers.size === 0) continue
      const batch = this.#encode(transport, receivers, reading)
      if (batch === undefined) continue
      for (const receiver of receivers) {
        try {
          receiver.deliver(batch, reading.end)
        } catch (error) {
          this.#drop(receiver, error)
        }
      }
      delivered = true
    }
    return delivered
  }

  #encode (transport: Transport, receivers: Iterable<Receiver>, reading: Reading): Batch | undefined {
    try {
      return this.#encoder.encode(transport, reading)
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
