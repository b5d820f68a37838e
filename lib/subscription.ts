import type { Audience } from './audience.ts'
import type { Bus } from './bus.ts'
import type { Channel } from './channel.ts'
import { firstAfter, floorOf, floorsAbove, type Floors, withinBytes } from './floors.ts'
import { countOf, gapFrame, historyFrames, joinedFrame, liveFrames, withoutId } from './frames.ts'
import { EARLIEST } from './protocol.ts'
import type { Page } from './pages.ts'
import { isGap, read, type Reading } from './reader.ts'
import type { Transport, WireFrame } from './transports/transport.ts'

/** Where a request wants to start. */
export interface Start {
  /** absent: from now */
  readonly cursor?: string | undefined
  /** messages of the past wanted, by channel */
  readonly history: ReadonlyMap<string, number>
  /** channels that are new to a client that has a cursor */
  readonly join: ReadonlySet<string>
}

/** Frames to send, and what is in them. */
export interface Portion {
  readonly frames: WireFrame[]
  readonly messages: number
  readonly gaps: number
}

/** A stretch of the log to be read before the next one. The last has no end. */
interface Stage {
  /** `history`: the past of joining channels; `missed`: what the others have until `joined`; `live`: all from there */
  readonly kind: 'history' | 'missed' | 'live'
  readonly channels: readonly Channel[]
  position: number
  readonly to: number
  floors?: Floors
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
    this.#epoch = bus.read.epoch
    const joining = channels.filter((channel) => start.join.has(channel.name))
    const others = channels.filter((channel) => !start.join.has(channel.name))
    const live = this.#begin(others, start)
    if (joining.length > 0) this.#join(joining, others, live, start.history, maxJoinBytes)
    else this.#stages = [live]
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
    return this.#readsPages ? { frames: this.#takeLead(), messages: 0, gaps: this.#takeGaps() } : this.next(budget)
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
    const frames = this.#takeLead()
    const portion = { frames, messages: 0, gaps: this.#takeGaps() }
    for (let rest = budget; rest > 0;) {
      const stage = this.#stages[0] as Stage
      const reading = read(stage.channels, stage.position, Math.min(stage.to, this.#bus.position), { budget: rest, floors: stage.floors, behind })
      rest -= take(portion, reading, this.#frames(stage.kind, reading))
      stage.position = reading.end
      stage.floors = floorsAbove(stage.floors, reading.end)
      if (reading.end < stage.to) break
      if (stage.kind === 'missed') frames.push(joinedFrame(this.#joining.map((channel) => channel.name), this.#bus.toCursor(stage.to)))
      this.#stages.shift()
    }
    return portion
  }

  /** Whether the epoch that it was reading is still the log's. */
  get #isCurrent (): boolean {
    return this.#epoch === this.#bus.read.epoch
  }

  get #readsPages (): boolean {
    return this.#stages.length === 1 && this.#live.floors === undefined
  }

  #takeLead (): WireFrame[] {
    return this.#lead.splice(0)
  }

  #takeGaps (): number {
    const gaps = this.#leadGaps
    this.#leadGaps = 0
    return gaps
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
    const offset = cursor === undefined ? undefined : this.#bus.toOffset(cursor)
    this.resumed = offset !== undefined
    if (offset !== undefined) return this.#from(channels, offset)
    if (cursor === undefined && history.size === 0) return this.#from(channels, this.#bus.position)
    const floors = new Map(channels.map((channel) => [channel, cursor === undefined ? floorOf(channel, history.get(channel.name) ?? 0) : channel.evicted]))
    const position = Math.min(this.#bus.position, ...channels.map((channel) => firstAfter(channel, floors.get(channel) as number) - 1))
    const stage = this.#from(channels, position)
    if (cursor !== undefined && cursor !== EARLIEST) this.#restart(channels, position, cursor)
    return { ...stage, floors: floorsAbove(floors, position) }
  }

  #from (channels: readonly Channel[], position: number): Stage {
    this.cursor = this.#bus.toCursor(position)
    return { kind: 'live', channels, position, to: Infinity }
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
    const { epoch, origin } = this.#bus.read
    const { channels } = this.#live
    const joining = this.#stages.length > 1 ? this.#joining.map((channel) => channel.name) : []
    this.#epoch = epoch
    this.#stages = [{ kind: 'live', channels, position: origin, to: Infinity }]
    if (channels.length === 0) return
    const gap = this.#restartedGap(channels, origin)
    this.tell(joining.length > 0 ? withoutId(gap) : gap)
    if (joining.length > 0) this.tell(joinedFrame(joining, this.#bus.toCursor(origin)))
    this.#leadGaps++
  }

  // First the past of those that join, then what the others missed, then `joined`; nothing of it moves a position that
  // a browser would resume at, since it would not ask to join again.
  #join (joining: readonly Channel[], others: readonly Channel[], live: Stage, history: Start['history'], maxBytes: number): void {
    const to = this.#bus.position
    const floors = withinBytes(new Map(joining.map((channel) => [channel, floorOf(channel, history.get(channel.name) ?? 0)])), maxBytes)
    this.#joining = joining
    this.#lead = this.#lead.map(withoutId)
    this.#stages = [
      { kind: 'history', channels: joining, position: 0, to, floors },
      { ...live, kind: 'missed', to },
      { kind: 'live', channels: [...others, ...joining], position: to, to: Infinity }
    ]
  }
}

function take (portion: { frames: WireFrame[], messages: number, gaps: number }, reading: Reading, frames: WireFrame[]): number {
  const { messages, gaps } = countOf(reading)
  portion.frames.push(...frames)
  portion.gaps += gaps
  portion.messages += messages
  return reading.items.reduce((bytes, item) => bytes + (isGap(item) ? 0 : item.frameBytes), 0)
}
