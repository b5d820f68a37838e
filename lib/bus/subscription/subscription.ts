import type { Audience } from '../audience.ts'
import type { BatchCache } from '../batch-cache.ts'
import type { LogPosition } from '../log-position.ts'
import { type LogState, planReplay, planRestart, type Start } from './replay-plan.ts'
import { advance, joined, narrow, present, type Segment } from './segments.ts'
import type { Channel } from '../../history/channel.ts'
import { readSlice } from '../../history/read.ts'
import { control, type Slice, type SliceItem } from '../../history/slice.ts'
import type { ControlFrame } from '../../protocol/wire.ts'
import type { Batch } from '../../transports/batch.ts'
import type { Transport } from '../../transports/transport.ts'

/** Where a subscription reads. */
export interface SubscriptionSource extends LogState {
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
 *     segments   [ history ][ missed ]  joined  [ live ………………………………… ►
 *                           ▲ position of the first segment         ▲ position of the source
 *
 * The first segment is the one being read, and the only one that has been read in part. The last one is `live`.
 */
export class Subscription {
  readonly #source: SubscriptionSource
  #epoch: string
  #control: SliceItem[]
  #segments: Segment[]
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
    this.#segments = [...this.#segments.slice(0, -1), { ...this.#live, position }]
  }

  /** Continues with these channels only. */
  restrict (channels: readonly Channel[]): void {
    this.#segments = this.#segments.map((segment) => narrow(segment, channels))
  }

  /** The first items: the control frames, and messages if the subscription cannot continue with shared batches. */
  opening (budget: number): Slice {
    if (!this.#readsAlone) return { items: this.#takeControl(), end: this.#live.position, bytes: 0 }
    return this.next(budget)
  }

  /** The next batch that others receive too; `undefined` if what comes next is for this subscriber only. */
  nextShared (audience: Audience, transport: Transport, budget: number): Batch | undefined {
    if (this.#state !== 'behind') return undefined
    const { batches, position: to } = this.#source
    const { batch, end } = batches.replay({ audience, transport, from: this.#live.position, to, budget })
    this.moveTo(end)
    return batch
  }

  /** The next items: about `budget` bytes, at least one message. `isBehind`: see `ReadOptions`. */
  next (budget: number, isBehind = false): Slice {
    if (this.#state === 'stale') this.#restart()
    const items = this.#takeControl()
    let bytes = 0
    while (bytes < budget) {
      const slice = this.#read(budget - bytes, isBehind)
      for (const item of slice.items) items.push(item)
      bytes += slice.bytes
      if (this.#segments.length === 1 || slice.end < (this.#segments[0] as Segment).to) break
      items.push(...this.#endSegment())
    }
    return { items, end: (this.#segments[0] as Segment).position, bytes }
  }

  // Each state excludes those before it in this order.
  get #state (): State {
    if (this.#epoch !== this.#source.logPosition.epoch) return 'stale'
    if (this.#control.length > 0) return 'announcing'
    if (this.#segments.length > 1) return 'joining'
    if (this.#live.position === this.#source.position) return 'live'
    return this.#live.startOffsets === undefined ? 'behind' : 'selecting'
  }

  get #readsAlone (): boolean {
    return this.#segments.length > 1 || this.#live.startOffsets !== undefined
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
  #read (budget: number, isBehind: boolean): Slice {
    const segment = this.#segments[0] as Segment
    const { logPosition, position } = this.#source
    const { channels, startOffsets } = segment
    const to = Math.min(segment.to, position)
    const slice = readSlice(channels, segment.position, to, { budget, toCursor: logPosition.toCursor, startOffsets, isBehind })
    this.#segments[0] = advance(segment, slice.end)
    return { ...slice, items: present(slice.items, segment, this.cursor) }
  }

  /** Ends the first segment. Returns what the subscriber receives at its end. */
  #endSegment (): SliceItem[] {
    const { joining, to } = this.#segments.shift() as Segment
    return joining === undefined ? [] : [joined(joining, this.#source.logPosition.toCursor(to))]
  }

  #restart (): void {
    const joining = this.#segments.flatMap((segment) => segment.joining ?? [])
    const { control, segments } = planRestart(this.#source, this.#live.channels, joining)
    this.#epoch = this.#source.logPosition.epoch
    this.#control.push(...control)
    this.#segments = [...segments]
  }
}
