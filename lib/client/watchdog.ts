// Tells when a connection has been silent for too long, by the wall clock: timers stand still in hidden tabs.

import type { OpenFrame } from '../protocol.ts'
import type { Env } from './env.ts'

/** ms that a poll's answer may be late. */
const POLL_GRACE = 5000

export interface Watchdog {
  /** A frame has come. */
  heard (): void
  /** How often the server promised to speak. */
  tune (open: OpenFrame, isPoll: boolean): void
  /** How long it has been silent, as a part of what is allowed. */
  silence (): number
  stop (): void
}

/** Calls `bark` when the silence has lasted longer than two heartbeats, or than a poll may take. */
export function createWatchdog (env: Env, bark: () => void): Watchdog {
  let limit = 30_000
  let last = env.now()
  let timer: unknown

  return {
    heard: function () {
      last = env.now()
      if (timer === undefined) watch()
    },
    tune: function (open, isPoll) {
      const promised = isPoll ? open.poll + POLL_GRACE : 2 * open.heartbeat
      if (promised > 0) limit = promised
      stop()
      watch()
    },
    silence: function () { return (env.now() - last) / limit },
    stop
  }

  // One timer for many frames: it looks at the clock when it fires, and sleeps for the rest.
  function watch () {
    timer = env.setTimeout(function () {
      timer = undefined
      if (env.now() - last < limit) return watch()
      last = env.now()
      bark()
      if (timer === undefined) watch()
    }, Math.max(1, last + limit - env.now()))
  }

  function stop () {
    env.clearTimeout(timer)
    timer = undefined
  }
}
