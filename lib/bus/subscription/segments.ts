import { type StartOffsets, startsAfter } from './start-offsets.ts'
import type { Channel } from '../../history/channel.ts'
import { control, gapControl, isGap, type LogItem, type SliceItem } from '../../history/slice.ts'

/** A stretch of the log that a subscription still has to read. */
export interface Segment {
  /**
   * - `history`: the past of joining channels;
   * - `missed`: what the other channels have up to `joined`;
   * - `live`: everything from there on. It is the last segment and has no end.
   */
  readonly kind: 'history' | 'missed' | 'live'
  readonly channels: readonly Channel[]
  /** the offset after which it begins */
  readonly from: number
  /** the offset where it ends */
  readonly to: number
  readonly startOffsets?: StartOffsets | undefined
  /** the channels that have joined at its end; of a `missed` segment only */
  readonly joining?: readonly Channel[]
}

/** Everything from this position on. */
export function liveFrom (channels: readonly Channel[], position: number): Segment {
  return { kind: 'live', channels, from: position, to: Infinity }
}

/** Everything from the first message after the start offsets on; from `now` if there is none. */
export function liveAfter (starts: StartOffsets, now: number): Segment {
  const channels = [...starts.keys()]
  const first = channels.map((channel) => channel.firstAfter(starts.get(channel) as number))
  const position = Math.min(now, ...first.map((offset) => offset - 1))
  return { ...liveFrom(channels, position), startOffsets: startsAfter(starts, position) }
}

/** The segment without the channels that are not among these. */
export function narrow (segment: Segment, channels: readonly Channel[]): Segment {
  const kept = (all: readonly Channel[]): Channel[] => all.filter((channel) => channels.includes(channel))
  return {
    ...segment,
    channels: kept(segment.channels),
    ...(segment.joining === undefined ? {} : { joining: kept(segment.joining) })
  }
}

/**
 * What was read of a segment, as the subscriber receives it. Before `joined` nothing is a position at which a browser's
 * own reconnect resumes, since its request would not join again. `cursor`: the position that the client has.
 */
export function asReceived (items: readonly LogItem[], { kind }: Segment, cursor: string): readonly SliceItem[] {
  if (kind === 'live') return items
  const isHistory = kind === 'history'
  return items.map((item) => {
    if (!isGap(item)) return { message: item, isHistory }
    // A gap in history, made while the reader was slow, must not move the client: it has the position it came with.
    return gapControl(isHistory ? { ...item, cursor } : item, false)
  })
}

/** The end of a `missed` segment: its channels have joined. */
export function joined (channels: readonly Channel[], cursor: string): SliceItem {
  return control({ type: 'joined', channels: channels.map((channel) => channel.name), cursor })
}
