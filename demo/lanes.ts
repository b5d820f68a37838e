// What the side-by-side page and its server agree on. It imports no code, so that both can import it.
import type { CometStats } from 'fastify-comet'

export type LaneName = 'iframe' | 'long-poll' | 'eventsource' | 'auto'

export const LANE_NAMES: readonly LaneName[] = ['iframe', 'long-poll', 'eventsource', 'auto']

/** One message of the channel `live`. */
export interface Beat {
  /** names the life of the demo's process */
  run: string
  /** counts all messages of that life, also over a restart: a hole in it is a loss */
  n: number
  /** when it was published, ms since the epoch with fractions, by the server's clock */
  at: number
  /** makes the message as long as asked for */
  pad: string
}

/** What one page has cost on one lane, counted where its sockets end. */
export interface Wire {
  requests: number
  /** received by the page, with HTTP heads and chunk framing */
  bytes: number
  /** where there are several nodes: how many of the requests each has answered */
  nodes?: Record<string, number>
  /** and which the latest of them */
  node?: string
}

/** One of several nodes. */
export interface NodeNews {
  name: string
  isUp: boolean
  /** what is published is published by this one, just now */
  publishes: boolean
  connections: number
}

/** How the way to the browser is treated just now. */
export type Mode = 'pass' | 'stall' | 'buffer'

export interface StageState {
  /** messages a second */
  rate: number
  /** characters of padding in a message */
  size: number
  mode: Mode
  /** ms until the mode ends by itself; 0 when it is `pass` */
  left: number
}

/** What the server says about itself, once a second, on the channel `server`. */
export interface ServerNews {
  /** of all nodes together; absent before any has told */
  stats?: CometStats
  /** empty where there is one server only */
  nodes: NodeNews[]
  stage: StageState
  /** page → lane → cost */
  wire: Record<string, Partial<Record<LaneName, Wire>>>
}

/** Where the lanes are: a port each. */
export type LanePorts = Record<LaneName, number>

export const ACTIONS = ['rate', 'size', 'burst', 'cut', 'stall', 'buffer', 'restart', 'forget', 'kill'] as const

/** What can be done to the demo: `POST /control/<action>` with `{ "value"?: number }`. */
export type Action = typeof ACTIONS[number]

export const LIMITS = {
  /** messages a second */
  rate: { least: 1, most: 200 },
  /** characters */
  size: { least: 0, most: 16_384 },
  /** messages */
  burst: { least: 1, most: 1000 },
  /** seconds for which a mode may last; 0 ends it */
  seconds: { least: 0, most: 60 }
} as const

/** How long a mode lasts when nothing else is said, seconds. */
export const DEFAULT_SECONDS = { stall: 8, buffer: 12 } as const

export const DEFAULT_BURST = 200
