// The types that the side-by-side page and its server share. It imports no code, so that both can import it.
import type { CometStats } from 'fastify-comet'

/** A lane is a column of the page: one client, either on a given transport or free to choose. */
export type LaneName = 'iframe' | 'long-poll' | 'eventsource' | 'auto'

export const LANE_NAMES: readonly LaneName[] = ['iframe', 'long-poll', 'eventsource', 'auto']

/** One message of the channel `live`. */
export interface LiveMessage {
  /** identifies the run of the demo's process */
  run: string
  /** counts all messages of that run, also across restarts of the server: a missing number is a lost message */
  n: number
  /** when it was published, ms since the epoch with fractions, by the server's clock */
  at: number
  /** padding that gives the message the requested size */
  pad: string
}

/** The traffic of one page on one lane, counted at the proxy. */
export interface Traffic {
  requests: number
  /** received by the page, with HTTP heads and chunk framing */
  bytes: number
  /** with several nodes: the number of requests that each has answered */
  nodes?: Record<string, number>
  /** with several nodes: the one that answered the latest request */
  node?: string
}

/** The status of one of several nodes. */
export interface NodeStatus {
  name: string
  isUp: boolean
  /** whether this node currently publishes for the demo */
  publishes: boolean
  connections: number
}

/** What the proxies currently do with responses. */
export type ProxyMode = 'pass' | 'stall' | 'buffer'

export interface TestbedState {
  /** messages per second */
  rate: number
  /** characters of padding in a message */
  size: number
  mode: ProxyMode
  /** ms until the mode ends by itself; 0 if it is `pass` */
  left: number
}

/** The server's status, published once per second on the channel `server`. */
export interface ServerStatus {
  /** the sum over all nodes; absent until a node has reported */
  stats?: CometStats
  /** empty if there is only one server */
  nodes: NodeStatus[]
  testbed: TestbedState
  /** page → lane → traffic */
  traffic: Record<string, Partial<Record<LaneName, Traffic>>>
}

/** The port of each lane. */
export type LanePorts = Record<LaneName, number>

export const ACTIONS = ['rate', 'size', 'burst', 'cut', 'stall', 'buffer', 'restart', 'forget', 'kill'] as const

/** The actions of the controls: `POST /control/<action>` with `{ "value"?: number }`. */
export type Action = typeof ACTIONS[number]

export const LIMITS = {
  /** messages per second */
  rate: { least: 1, most: 200 },
  /** characters */
  size: { least: 0, most: 16_384 },
  /** messages */
  burst: { least: 1, most: 1000 },
  /** the duration of a mode in seconds; 0 ends it */
  seconds: { least: 0, most: 60 }
} as const

/** The default duration of a mode, seconds. */
export const DEFAULT_SECONDS = { stall: 8, buffer: 12 } as const

export const DEFAULT_BURST = 200
