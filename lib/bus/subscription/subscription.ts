import type { Audience } from '../audience.ts'
import type { Bus } from '../bus.ts'
import type { Channel } from '../../history/channel.ts'
import { floorsAbove } from './start-offsets.ts'
import { gapFrame, historyFrames, joinedFrame, liveFrames } from '../encode.ts'
import type { Page } from './replay-cache.ts'
import { Portion } from './portion.ts'
import { EARLIEST } from '../../protocol/wire.ts'
import { read, type Reading } from '../../history/read.ts'
import { historyFloors, joinStages, liveAbove, liveFrom, type Stage } from './segments.ts'
import { type WireFrame, withoutId } from '../../transports/frames.ts'
import type { Transport } from '../../transports/transport.ts'

/** Where a request wants to start. */
export interface Start {
  /** absent: from now */
  readonly cursor?: string | undefined
  /** messages of the past wanted, by channel */
  readonly history: ReadonlyMap<string, number>
  /** channels that are new to a client that has a cursor */
  readonly join: ReadonlySet<string>
}

/** A position in the log for a set of channels, and what is still to be told before the subscriber is in step. */
export class Subscription {
  readonly #bus: Bus
  #epoch: string
  #lead: WireFrame[] = []
  #leadGaps = 0
  #stages: Stage[] = []
  #joining: readonly Channel[] = []
  /** of the `open` frame */
  cursor = ''
  /** whether it continues at the cursor of the request */
  resumed = false

  /** `maxJoinBytes`: at most so much history of joining channels, bytes of frames. */
  constructor (bus: Bus, channels: readonly Channel[], start: Start, maxJoinBytes: number) {
    this.#bus = bus
    this.#epoch = bus.logPosition.epoch
    const joining = channels.filter((channel) => start.join.has(channel.name))
    const others = channels.filter((channel) => !start.join.has(channel.name))
    const live = this.#begin(others, start)
    this.#stages = joining.length === 0 ? [live] : joinStages(historyFloors(joining, start.history), live, bus.position, maxJoinBytes)
    this.#joining = joining
    if (joining.length > 0) this.#lead = this.#lead.map(withoutId)
  }

  /** Whether it has been given everything that the bus has handed out. */
  get inStep (): boolean {
    return this.#isCurrent && this.#lead.length === 0 && this.#stages.length === 1 && this.#live.position === this.#bus.position
  }

  /** Tells this before the next message. */
  tell (frame: WireFrame): void {
    this.#lead.push(frame)
  }

  /** Tells these first of all. */
  introduce (frames: readonly WireFrame[]): void {
    this.#lead.unshift(...(this.#stages.length > 1 ? frames.map(withoutId) : frames))
  }

  /** Continues at `position`: it was in step until there. */
  moveTo (position: number): void {
    this.#live.position = position
  }

  /** Continues with these channels only. */
  restrict (channels: readonly Channel[]): void {
    const kept = (all: readonly Channel[]): Channel[] => all.filter((channel) => channels.includes(channel))
    this.#joining = kept(this.#joining)
    this.#stages = this.#stages.map((stage) => ({ ...stage, channels: kept(stage.channels) }))
  }

  /** The first frames: those that introduce it, and more where it cannot go on with pages. */
  opening (budget: number): Portion {
    return this.#readsPages ? this.#takeLead() : this.next(budget)
  }

  /** The next page as others read it too; `undefined` where what comes next is its own. */
  nextPage (audience: Audience, transport: Transport, budget: number): Page | undefined {
    if (!this.#isCurrent || this.#lead.length > 0 || !this.#readsPages) return undefined
    const page = this.#bus.pages.read(audience, transport, this.#live.position, this.#bus.position, budget)
    this.#live.position = page.end
    return page
  }

  /** The next frames, in order: about `budget` bytes, one message at least. `behind`: see `ReadOptions`. */
  next (budget: number, behind = false): Portion {
    if (!this.#isCurrent) this.#beginAnew()
    const portion = this.#takeLead()
    while (portion.bytes < budget) {
      const rest = budget - portion.bytes
      const stage = this.#stages[0] as Stage
      const reading = read(stage.channels, stage.position, Math.min(stage.to, this.#bus.position), { budget: rest, floors: stage.floors, behind })
      portion.add(reading, this.#frames(stage.kind, reading))
      stage.position = reading.end
      stage.floors = floorsAbove(stage.floors, reading.end)
      if (reading.end < stage.to) break
      if (stage.kind === 'missed') portion.frames.push(joinedFrame(this.#joining.map((channel) => channel.name), this.#bus.toCursor(stage.to)))
      this.#stages.shift()
    }
    return portion
  }

  /** Whether the epoch that it was reading is still the log's. */
  get #isCurrent (): boolean {
    return this.#epoch === this.#bus.logPosition.epoch
  }

  get #readsPages (): boolean {
    return this.#stages.length === 1 && this.#live.floors === undefined
  }

  #takeLead (): Portion {
    const portion = new Portion(this.#lead, this.#leadGaps)
    this.#lead = []
    this.#leadGaps = 0
    return portion
  }

  get #live (): Stage {
    return this.#stages.at(-1) as Stage
  }

  #frames (kind: Stage['kind'], reading: Reading): WireFrame[] {
    if (kind === 'history') return historyFrames(reading, this.cursor)
    const frames = liveFrames(reading, this.#bus.toCursor)
    return kind === 'live' ? frames : frames.map(withoutId)
  }

  #begin (channels: readonly Channel[], { cursor, history }: Start): Stage {
    const { position } = this.#bus
    const offset = cursor === undefined ? undefined : this.#bus.toOffset(cursor)
    this.resumed = offset !== undefined
    if (offset !== undefined) return this.#at(liveFrom(channels, offset))
    if (cursor !== undefined) {
      // What is held of the epochs before, who had a cursor of one of them may have been given under it.
      const origin = cursor === EARLIEST ? 0 : this.#bus.logPosition.origin
      const stage = this.#at(liveAbove(new Map(channels.map((channel) => [channel, Math.max(channel.evicted, origin)])), position))
      if (cursor !== EARLIEST) this.#restart(channels, stage.position, cursor)
      return stage
    }
    return this.#at(history.size === 0 ? liveFrom(channels, position) : liveAbove(historyFloors(channels, history), position))
  }

  #at (stage: Stage): Stage {
    this.cursor = this.#bus.toCursor(stage.position)
    return stage
  }

  // The cursor is of another epoch, or of a log that had more: whatever came after it is gone.
  #restart (channels: readonly Channel[], position: number, cursor: string): void {
    this.cursor = cursor
    if (channels.length === 0) return
    this.tell(this.#restartedGap(channels, position))
    this.#leadGaps = 1
  }

  #restartedGap (channels: readonly Channel[], offset: number): WireFrame {
    return gapFrame({ offset, reason: 'restarted', channels: [...channels] }, this.#bus.toCursor(offset))
  }

  // Another epoch has begun under it. A join that was under way ends with that: there is no past to be had any more.
  #beginAnew (): void {
    const { epoch, origin } = this.#bus.logPosition
    const { channels } = this.#live
    const joining = this.#stages.length > 1 ? this.#joining.map((channel) => channel.name) : []
    this.#epoch = epoch
    this.#stages = [liveFrom(channels, origin)]
    const gap = this.#restartedGap(channels, origin)
    this.tell(joining.length > 0 ? withoutId(gap) : gap)
    if (joining.length > 0) this.tell(joinedFrame(joining, this.#bus.toCursor(origin)))
    this.#leadGaps++
  }
}
