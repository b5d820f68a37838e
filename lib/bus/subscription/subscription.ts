import type { Audience } from '../audience.ts'
import type { BatchCache } from '../batch-cache.ts'
import type { LogPosition } from '../log-position.ts'
import { type ReadState, planReplay, planRestart, type Start } from './replay-plan.ts'
import { asReceived, joined, narrow, type Segment } from './segments.ts'
import { startsAfter } from './start-offsets.ts'
import type { Channel } from '../../history/channel.ts'
import { readSlice } from '../../history/read.ts'
import { control, type LogItem, type Slice, type SliceItem } from '../../history/slice.ts'
import type { ControlFrame } from '../../protocol/wire.ts'
import type { Batch } from '../../transports/batch.ts'
import type { Transport } from '../../transports/transport.ts'

/** Where a subscription reads. */
export interface SubscriptionSource extends ReadState {
  readonly logPosition: LogPosition
  readonly batches: BatchCache
}

/**
 * - `stale`: another epoch has begun since it last read;
 * - `announcing`: control frames wait to be sent before the next message;
 * - `joining`: it reads the history of joining channels, or what the others have missed meanwhile;
 * - `selecting`: some of its channels start later than the others;
 * - `behind`: it reads everything from one position, as other subscriptions do;
 * - `live`: it was given everything that has been delivered.
 */
type State = 'stale' | 'announcing' | 'joining' | 'selecting' | 'behind' | 'live'

/**
 * A position in the log for a set of channels, and what its subscriber still has to receive before it is live.
 *
 *     segments   [ history ][ missed ] joined [ live ……………………………………………… ►
 *                        ▲ position, in the first of them       ▲ position of the source
 *
 * The first segment is being read: it has been read up to `#position`, and no other one has been read at all. The last
 * one is `live`.
 */
export class Subscription {
  readonly #source: SubscriptionSource
  #epoch: string
  #control: SliceItem[]
  #segments: Segment[]
  #position: number
  /** the cursor of the `open` frame */
  readonly cursor: string
  /** whether it continues at the cursor of the request */
  readonly resumed: boolean

  /** `maxJoinBytes`: the most history of joining channels, in bytes of frames. */
  constructor (source: SubscriptionSource, channels: readonly Channel[], start: Start, maxJoinBytes: number) {
    const plan = planReplay(source, channels, start, maxJoinBytes)
    this.#source = source
    this.#epoch = source.logPosition.epoch
    this.#control = [...plan.control]
    this.#segments = [...plan.segments]
    this.#position = this.#first.from
    this.cursor = plan.cursor
    this.resumed = plan.resumed
  }

  /** Whether it was given everything that has been delivered to those that are live. */
  get isLive (): boolean {
    return this.#state === 'live'
  }

  /** Adds a control frame, to be sent before the next message. */
  announce (frame: ControlFrame): void {
    this.#control.push(control(frame))
  }

  /** Adds control frames, to be sent first of all. */
  introduce (frames: readonly ControlFrame[]): void {
    const isPosition = this.#segments.length === 1
    this.#control.unshift(...frames.map((frame) => control(frame, isPosition)))
  }

  /** Continues at `position`: the subscriber was live until there. */
  moveTo (position: number): void {
    this.#position = position
  }

  /** Continues with these channels only. */
  restrict (channels: readonly Channel[]): void {
    this.#segments = this.#segments.map((segment) => narrow(segment, channels))
  }

  /** The first items: the control frames, and messages if the subscription cannot continue with shared batches. */
  opening (budget: number): Slice {
    if (!this.#readsAlone) return { items: this.#takeControl(), end: this.#position, bytes: 0 }
    return this.next(budget)
  }

  /** The next batch that others receive too; `undefined` if what comes next is for this subscriber only. */
  nextShared (audience: Audience, transport: Transport, budget: number): Batch | undefined {
    if (this.#state !== 'behind') return undefined
    const { batches, position: to } = this.#source
    const { batch, end } = batches.replay({ audience, transport, from: this.#position, to, budget })
    this.#position = end
    return batch
  }

  /** The next items: about `budget` bytes, at least one message. `isBehind`: see `ReadOptions`. */
  next (budget: number, isBehind = false): Slice {
    if (this.#state === 'stale') this.#restart()
    const items = this.#takeControl()
    let bytes = 0
    while (bytes < budget) {
      const slice = this.#read(budget - bytes, isBehind)
      for (const item of asReceived(slice.items, this.#first, this.cursor)) items.push(item)
      bytes += slice.bytes
      if (slice.end < this.#first.to) break
      items.push(...this.#endSegment())
    }
    return { items, end: this.#position, bytes }
  }

  // Each state excludes those before it in this order.
  get #state (): State {
    if (this.#epoch !== this.#source.logPosition.epoch) return 'stale'
    if (this.#control.length > 0) return 'announcing'
    if (this.#segments.length > 1) return 'joining'
    if (this.#position === this.#source.position) return 'live'
    return this.#live.startOffsets === undefined ? 'behind' : 'selecting'
  }

  get #readsAlone (): boolean {
    return this.#segments.length > 1 || this.#live.startOffsets !== undefined
  }

  get #first (): Segment {
    return this.#segments[0] as Segment
  }

  get #live (): Segment {
    return this.#segments.at(-1) as Segment
  }

  #takeControl (): SliceItem[] {
    const items = this.#control
    this.#control = []
    return items
  }

  /** Reads on in the first segment. */
  #read (budget: number, isBehind: boolean): Slice<LogItem> {
    const { logPosition: { toCursor }, position } = this.#source
    const { channels, startOffsets, to } = this.#first
    const options = { budget, toCursor, startOffsets, isBehind }
    const slice = readSlice(channels, this.#position, Math.min(to, position), options)
    this.#position = slice.end
    if (startOffsets !== undefined) {
      this.#segments[0] = { ...this.#first, startOffsets: startsAfter(startOffsets, slice.end) }
    }
    return slice
  }

  /** Ends the first segment. Returns what the subscriber receives at its end. */
  #endSegment (): SliceItem[] {
    const { joining, to } = this.#segments.shift() as Segment
    this.#position = this.#first.from
    return joining === undefined ? [] : [joined(joining, this.#source.logPosition.toCursor(to))]
  }

  #restart (): void {
    const joining = this.#segments.flatMap((segment) => segment.joining ?? [])
    const { control, segments } = planRestart(this.#source, this.#live.channels, joining)
    this.#epoch = this.#source.logPosition.epoch
    this.#control.push(...control)
    this.#segments = [...segments]
    this.#position = this.#first.from
  }
}
