import type { LogPosition } from '../log-position.ts'
import { joined, liveAfter, liveFrom, type Segment } from './segments.ts'
import { historyStarts, retainedStarts, type StartOffsets, startsWithin } from './start-offsets.ts'
import type { Channel } from '../../history/channel.ts'
import { gapControl, type SliceItem } from '../../history/slice.ts'
import { EARLIEST } from '../../protocol/wire.ts'

/** Where a request wants to start. */
export interface Start {
  /** The position of the client. Absent: it starts now. */
  readonly cursor?: string | undefined
  /** The number of retained messages wanted, by channel. */
  readonly history: ReadonlyMap<string, number>
  /** Channels that are new to a client that has a cursor. */
  readonly join: ReadonlySet<string>
}

/** What a plan depends on beside the request: how far the log has been read, and delivered. */
export interface ReadState {
  readonly logPosition: Pick<LogPosition, 'origin' | 'toCursor' | 'toOffset'>
  /** the offset up to which everything has been delivered to those that are live */
  readonly position: number
}

/** What a new subscription begins with. */
export interface ReplayPlan {
  /** the cursor of the `open` frame */
  readonly cursor: string
  /** whether it continues at the cursor of the request */
  readonly resumed: boolean
  /** what the subscriber receives before anything of the segments */
  readonly control: readonly SliceItem[]
  /** what the subscription has to read, in order; the last one is `live` */
  readonly segments: readonly Segment[]
}

/**
 * Plans what a request receives:
 *
 * | request            | `open.cursor`               | first            | reads                                   |
 * | ------------------ | --------------------------- | ---------------- | --------------------------------------- |
 * | nothing            | now                         |                  | from now                                |
 * | `history`          | before the oldest message   |                  | the last messages of each channel       |
 * | `cursor=earliest`  | before the oldest message   |                  | all that is retained                    |
 * | known cursor       | that cursor                 |                  | from it, with gaps for what was evicted |
 * | other cursor       | that cursor                 | gap `restarted`  | all that is retained of this epoch      |
 * | … with `join`      | as without                  | as without       | history of the joining channels, then   |
 * |                    |                             |                  | the row above until now, then `joined`  |
 *
 * `maxJoinBytes`: the most history of joining channels, in bytes of frames.
 */
export function planReplay (
  log: ReadState, channels: readonly Channel[], start: Start, maxJoinBytes: number
): ReplayPlan {
  const joining = channels.filter((channel) => start.join.has(channel.name))
  if (joining.length === 0) return planStart(log, channels, start)
  const plan = planStart(log, channels.filter((channel) => !start.join.has(channel.name)), start)
  return withJoin(log, plan, startsWithin(historyStarts(joining, start.history), maxJoinBytes))
}

/**
 * Plans how a subscription continues when another epoch has begun. A join that was under way ends with it: no history
 * is left to read.
 */
export function planRestart (log: ReadState, channels: readonly Channel[], joining: readonly Channel[]): ReplayPlan {
  const { origin } = log.logPosition
  const cursor = log.logPosition.toCursor(origin)
  const gap = restartedGap(channels, cursor, joining.length === 0)
  return {
    cursor,
    resumed: false,
    control: joining.length === 0 ? gap : [...gap, joined(joining, cursor)],
    segments: [liveFrom(channels, origin)]
  }
}

function planStart (log: ReadState, channels: readonly Channel[], { cursor, history }: Start): ReplayPlan {
  const { logPosition, position } = log
  if (cursor === undefined && history.size === 0) return planFrom(log, liveFrom(channels, position))
  if (cursor === undefined) return planFrom(log, liveAfter(historyStarts(channels, history), position))
  if (cursor === EARLIEST) return planFrom(log, liveAfter(retainedStarts(channels, 0), position))
  const offset = logPosition.toOffset(cursor)
  if (offset !== undefined) return { ...planFrom(log, liveFrom(channels, offset)), resumed: true }
  // Messages of earlier epochs are left out: the client may have received them under its cursor.
  const segment = liveAfter(retainedStarts(channels, logPosition.origin), position)
  const gap = restartedGap(channels, logPosition.toCursor(segment.from), true)
  return { cursor, resumed: false, control: gap, segments: [segment] }
}

function planFrom ({ logPosition }: ReadState, segment: Segment): ReplayPlan {
  return { cursor: logPosition.toCursor(segment.from), resumed: false, control: [], segments: [segment] }
}

// Nothing before `joined` is a position at which a browser resumes, the gap included.
function withJoin ({ position }: ReadState, plan: ReplayPlan, joining: StartOffsets): ReplayPlan {
  const others = plan.segments[0] as Segment
  const channels = [...joining.keys()]
  return {
    ...plan,
    control: plan.control.map((item) => ({ ...item, isPosition: false })),
    segments: [
      { kind: 'history', channels, from: 0, to: position, startOffsets: joining },
      { ...others, kind: 'missed', to: position, joining: channels },
      liveFrom([...others.channels, ...channels], position)
    ]
  }
}

// The cursor is of another epoch, or of a log that had more: whatever followed it is gone.
function restartedGap (channels: readonly Channel[], cursor: string, isPosition: boolean): SliceItem[] {
  if (channels.length === 0) return []
  return [gapControl({ channels: channels.map((channel) => channel.name), reason: 'restarted', cursor }, isPosition)]
}
