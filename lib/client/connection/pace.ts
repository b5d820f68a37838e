import { maxDelay } from './backoff.ts'
import type { Env } from '../browser/env.ts'

/** Decides when the next poll goes out. */
export interface Pace {
  /**
   * Calls `again` immediately or, if the last poll was in vain, after a pause that grows with each such poll in a
   * row.
   */
  next (isVain: boolean, again: () => void): void
  /** Nothing is called any more. */
  stop (): void
}

/** Pauses are random: the first one up to 1 s, then up to twice as long each, but never longer than 10 s. */
export function createPace (env: Env): Pace {
  let vain = 0
  let isStopped = false
  let timer: number | undefined
  return {
    next (isVain, again) {
      // A listener may have closed the connection on the last frame.
      if (isStopped) return
      if (isVain) timer = env.setTimeout(again, env.Math.random() * maxDelay(vain++) / 2)
      else {
        vain = 0
        again()
      }
    },
    stop () {
      isStopped = true
      env.clearTimeout(timer)
    }
  }
}
