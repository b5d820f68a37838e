import type { StoredMessage } from './channel.ts'
import type { ControlFrame, GapReason } from '../protocol/wire.ts'

/** Messages that the history no longer has. It stands at the offset of the last of them. */
export interface GapItem {
  readonly offset: number
  /** the position after the missing messages */
  readonly cursor: string
  readonly reason: GapReason
  readonly channels: string[]
}

/** A control frame among messages. */
export interface Control {
  readonly frame: ControlFrame
  /** whether a browser's own reconnect may resume at the frame's cursor */
  readonly isPosition: boolean
}

/** A message that precedes the `joined` frame of a join. A browser's own reconnect never resumes at it. */
export interface JoinMessage {
  readonly message: StoredMessage
  /** whether it is history of a joining channel; it moves no client's position then */
  readonly isHistory: boolean
}

/** What `readSlice` finds in the log. */
export type LogItem = StoredMessage | GapItem

/** What a slice may contain. */
export type SliceItem = LogItem | Control | JoinMessage

/** A stretch of the log that has been read. */
export interface Slice<T extends SliceItem = SliceItem> {
  /** messages, gaps and control frames, in the order in which they are sent */
  readonly items: readonly T[]
  /** the offset where the slice ends: everything up to it is in `items` */
  readonly end: number
  /** the size of the frames of its messages, in bytes */
  readonly bytes: number
}

/** Whether the item is a gap in the log. */
export function isGap (item: SliceItem): item is GapItem {
  return 'reason' in item
}

/** Whether the item counts as a message that is delivered. */
export function isMessage (item: SliceItem): item is StoredMessage | JoinMessage {
  return 'data' in item || 'message' in item
}

/** Whether the item announces missing messages: a gap, or a control frame that is one. */
export function isLoss (item: SliceItem): boolean {
  return 'frame' in item ? item.frame.type === 'gap' : isGap(item)
}

/** A control frame as an item. `isPosition`: whether a browser's own reconnect may resume at it, `true` by default. */
export function control (frame: ControlFrame, isPosition = true): Control {
  return { frame, isPosition }
}

/** The control frame of a gap. `cursor`: the position that it names, that of the gap by default. */
export function gapControl ({ channels, reason, cursor }: Omit<GapItem, 'offset'>, isPosition: boolean): Control {
  return control({ type: 'gap', channels, reason, cursor }, isPosition)
}

/** Two slices, the second of which begins where the first ends, as one. */
export function concat (first: Slice, second: Slice): Slice {
  return { items: [...first.items, ...second.items], end: second.end, bytes: first.bytes + second.bytes }
}
