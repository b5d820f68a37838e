import type { Env } from './env.ts'

/**
 * Notices a connection that is silent for too long. It measures by the wall clock, because timers stand still in hidden
 * tabs.
 */
export interface Watchdog {
  /**
   * A frame has come. With a `timeout` in ms it starts watching: `onSilence` is called after each such time without a
   * frame.
   */
  touch (timeout?: number): void
  /** Stops watching until the next `touch` with a timeout. */
  stop (): void
  /**
   * Whether more than half of the timeout has passed without a frame: reason enough to check when a page becomes
   * visible.
   */
  isDoubtful (): boolean
}

/** The longest delay that a timer can have, in ms. */
const LONGEST_TIMER = 2_147_483_647

/** A watchdog that does not watch yet. */
export function createWatchdog (env: Env, onSilence: () => void): Watchdog {
  let touchedAt = 0
  let timeout = 0
  let timer: number | undefined
  const silence = () => env.Date.now() - touchedAt
  const stop = () => { env.clearTimeout(timer) }
  // One timer for many frames: when it fires, it looks at the clock and is set again for the rest of the time.
  const look = () => {
    const isSilent = silence() >= timeout
    if (isSilent) touch()
    timer = env.setTimeout(look, Math.min(timeout - silence(), LONGEST_TIMER))
    if (isSilent) onSilence()
  }
  const touch = (ms?: number) => {
    touchedAt = env.Date.now()
    if (!ms) return
    timeout = ms
    stop()
    look()
  }
  return { touch, stop, isDoubtful: () => silence() > timeout / 2 }
}
