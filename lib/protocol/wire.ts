// What server and browser must agree on: frames, names, query keys. It imports nothing, so that both can import it.

export type TransportName = 'eventsource' | 'iframe' | 'long-poll'

export const TRANSPORT_NAMES: readonly TransportName[] = ['eventsource', 'iframe', 'long-poll']

/** The keys of a subscribe request that are ours; all others belong to the application. */
export const QUERY = {
  channel: 'channel',
  cursor: 'cursor',
  history: 'history',
  join: 'join',
  client: 'client',
  origin: 'origin',
  lastEventId: 'lastEventId'
} as const

/** The cursor that stands for "from the oldest message held". */
export const EARLIEST = 'earliest'

/** The SSE event type of every frame that is not a message. */
export const CONTROL_EVENT = 'comet'

export const MAX_NAME_LENGTH = 255
export const MAX_HISTORY = 1000
export const MAX_REQUEST_TARGET_BYTES = 6144
export const MAX_POLL_BYTES = 1_048_576

export type GapReason = 'evicted' | 'restarted' | 'skipped'
export type CloseReason = 'shutdown' | 'rotate' | 'busy' | 'slow' | 'disconnected' | 'unauthorized'

export interface MessageFrame {
  type?: undefined
  id: string
  channel: string
  data: unknown
  /** Set on what a `join` replays: such an id moves no client's position. */
  history?: true
}

export interface OpenFrame {
  type: 'open'
  cursor: string
  resumed: boolean
  /** ms of silence after which the server sends a heartbeat */
  heartbeat: number
  /** ms for which the server holds a poll */
  poll: number
}

export interface JoinedFrame { type: 'joined', channels: string[], cursor: string }
export interface GapFrame { type: 'gap', channels: string[], reason: GapReason, cursor: string }
export interface DeniedFrame { type: 'denied', channels: string[] }
export interface HeartbeatFrame { type: 'heartbeat', cursor: string, /** ms since the epoch */ time: number }
/** Without `retry` (ms) the client does not come back. */
export interface CloseFrame { type: 'close', reason: CloseReason, retry?: number }
export interface ErrorFrame { type: 'error', statusCode: number, code: string, message: string }

export type ControlFrame = OpenFrame | JoinedFrame | GapFrame | DeniedFrame | HeartbeatFrame | CloseFrame | ErrorFrame
export type Frame = MessageFrame | ControlFrame

/** What the document of an iframe posts at its end, where a frame would be JSON. */
export const DOCUMENT_END = 'end'
