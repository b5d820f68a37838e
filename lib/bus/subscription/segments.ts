import type { Channel } from '../../history/channel.ts'
import { firstAfter, floorOf, type Floors, floorsAbove, withinBytes } from './start-offsets.ts'

/** A stretch of the log to be read before the next one. The last has no end. */
export interface Stage {
  /** `history`: the past of joining channels; `missed`: what the others have until `joined`; `live`: all from there */
  readonly kind: 'history' | 'missed' | 'live'
  readonly channels: readonly Channel[]
  position: number
  readonly to: number
  floors?: Floors
}

/** All from this position on. */
export function liveFrom (channels: readonly Channel[], position: number): Stage {
  return { kind: 'live', channels, position, to: Infinity }
}

/** From the first message above the floors on; where there is none, from `now`. */
export function liveAbove (floors: ReadonlyMap<Channel, number>, now: number): Stage {
  const channels = [...floors.keys()]
  const position = Math.min(now, ...channels.map((channel) => firstAfter(channel, floors.get(channel) as number) - 1))
  return { ...liveFrom(channels, position), floors: floorsAbove(floors, position) }
}

/** What each channel has more than its last messages, `history` of them, lies below its floor. */
export function historyFloors (channels: readonly Channel[], history: ReadonlyMap<string, number>): Map<Channel, number> {
  return new Map(channels.map((channel) => [channel, floorOf(channel, history.get(channel.name) ?? 0)]))
}

/**
 * First the past of those that join, at most `maxBytes` of it, then what `others` have missed until `now`, and from there
 * on all. Nothing before that moves a position that a browser would resume at, since it would not ask to join again.
 */
export function joinStages (joining: Map<Channel, number>, others: Stage, now: number, maxBytes: number): Stage[] {
  const channels = [...joining.keys()]
  return [
    { kind: 'history', channels, position: 0, to: now, floors: withinBytes(joining, maxBytes) },
    { ...others, kind: 'missed', to: now },
    liveFrom([...others.channels, ...channels], now)
  ]
}
