// What the client tells of itself.

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

/** What `comet.on` tells of. */
export interface CometEvents {
  /** `comet.error` says why, where it is `waiting` or `closed`. */
  state: Phase
  transport: TransportChange
  gap: Gap
  /** These channels are not, or no longer, part of the subscription. */
  denied: { channels: readonly string[] }
  /** Something failed: `retrying` says whether the client comes back by itself, after `retryIn` ms. Where `comet.state` is `closed` then, it has given up. */
  error: CometError
  /** The server is there: `time` is its clock, in ms since the epoch. */
  heartbeat: { cursor: string, time: number }
}

/** Their names. */
export const EVENTS: readonly (keyof CometEvents)[] = ['state', 'transport', 'gap', 'denied', 'error', 'heartbeat']

/** `error`: with a `state`, what has led to it. */
export type Emit = <E extends keyof CometEvents>(event: E, value: CometEvents[E], error?: CometError | null) => void

/** Calls a listener; what it throws surfaces as the page's own error, later, and breaks nothing here. */
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
