// What server and browser must agree on: frames, names, query keys. It imports nothing, so that both can import it.

/** The transports of this package, by the last segment of their routes. */
export type TransportName = 'eventsource' | 'iframe' | 'long-poll'

/** The names of all transports, in the order in which a client prefers them. */
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

/** The cursor that stands for "from the oldest message that is retained". */
export const EARLIEST = 'earliest'

/** The SSE event type of every frame that is not a message. */
export const CONTROL_EVENT = 'comet'

/** The most characters of a channel's name, and of a key. */
export const MAX_NAME_LENGTH = 255
/** The most messages for each channel that `history` may ask for. */
export const MAX_HISTORY = 1000
/** The most bytes of a request's path and query. */
export const MAX_REQUEST_TARGET_BYTES = 6144
/** The bytes of messages after which the answer to a poll ends: 1 MiB. */
export const MAX_POLL_BYTES = 1_048_576

/** Why messages are missing: the history no longer has them, another epoch began, or a slow consumer skipped them. */
export type GapReason = 'evicted' | 'restarted' | 'skipped'
/** Why the server ends a connection. */
export type CloseReason = 'shutdown' | 'rotate' | 'busy' | 'slow' | 'disconnected' | 'unauthorized'

/** A message of a channel. It moves the client's position to its id, unless it is history. */
export interface MessageFrame {
  type?: undefined
  id: string
  channel: string
  data: unknown
  /** Set on what a `join` replays: such an id moves no client's position. */
  history?: true
}

/** The first frame of every response. `resumed`: the connection continues at the cursor that the client sent. */
export interface OpenFrame {
  type: 'open'
  cursor: string
  resumed: boolean
  /** ms of silence after which the server sends a heartbeat */
  heartbeat: number
  /** ms for which the server holds a poll */
  poll: number
}

/** The channels of `join` are part of the subscription; their history precedes this frame. */
export interface JoinedFrame { type: 'joined', channels: string[], cursor: string }
/** Messages of these channels are missing before `cursor`. */
export interface GapFrame { type: 'gap', channels: string[], reason: GapReason, cursor: string }
/** These channels are not, or no longer, part of the subscription. */
export interface DeniedFrame { type: 'denied', channels: string[] }
/** The server is there and has nothing to send. */
export interface HeartbeatFrame { type: 'heartbeat', cursor: string, /** ms since the epoch */ time: number }
/** Without `retry` (ms) the client does not come back. */
export interface CloseFrame { type: 'close', reason: CloseReason, retry?: number }
/** A request that was refused, on a transport that cannot show the response's status. */
export interface ErrorFrame { type: 'error', statusCode: number, code: string, message: string }

/** Every frame that is not a message. */
export type ControlFrame = OpenFrame | JoinedFrame | GapFrame | DeniedFrame | HeartbeatFrame | CloseFrame | ErrorFrame
/** What server and client exchange: each response consists of frames. */
export type Frame = MessageFrame | ControlFrame

/** What the document of an iframe posts at its end, where a frame would be JSON. */
export const DOCUMENT_END = 'end'
