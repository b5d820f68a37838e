// What the application can listen to.

import type { GapFrame, GapReason, TransportName } from '../protocol/wire.ts'
import type { Env } from './browser/env.ts'
import type { CometError } from './errors.ts'
import type { Phase } from './negotiation/state.ts'

/** Messages that were not delivered and will not be. */
export interface Gap {
  /** The channels on which messages are missing. */
  readonly channels: readonly string[]
  readonly reason: GapReason
  /** The cursor at which the gap ends. */
  readonly cursor: string
}

/** How the transport changed, and why. */
export interface TransportChange {
  from: TransportName | null
  to: TransportName
  reason: 'start' | 'upgrade' | 'fallback'
}

/** The events of `comet.on`, with their values. */
export interface CometEvents {
  /** If it is `waiting` or `closed`, `comet.error` says why. */
  state: Phase
  /** Another transport carries the messages. */
  transport: TransportChange
  /** Messages were lost. */
  gap: Gap
  /** The server does not, or no longer, admit this client to these channels. */
  denied: { channels: readonly string[] }
  /**
   * Something failed: `retrying` says whether the client tries again by itself, after `retryIn` ms. If `comet.state` is
   * `closed`, it has given up.
   */
  error: CometError
  /** A sign of life of the server. `time` is its clock, in ms since the epoch. */
  heartbeat: { cursor: string, time: number }
}

/** The names of all events. */
export const EVENTS: readonly (keyof CometEvents)[] = ['state', 'transport', 'gap', 'denied', 'error', 'heartbeat']

/** Emits an event. `error`: with a `state`, what has led to it. */
export type Emit = <E extends keyof CometEvents>(event: E, value: CometEvents[E], error?: CometError | null) => void

/** Calls a listener. What it throws is thrown again in a task of its own, as an error of the page. */
export function callSafely (env: Env, call: () => void): void {
  try {
    call()
  } catch (error) {
    env.setTimeout(() => { throw error })
  }
}

/** The gap that a frame announces, as listeners receive it. */
export function gapIn ({ channels, reason, cursor }: GapFrame): Gap {
  return { channels, reason, cursor }
}
