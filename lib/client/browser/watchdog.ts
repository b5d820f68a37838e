import type { Env } from './env.ts'

/** Tells when a connection is silent for too long, by the wall clock: timers stand still in hidden tabs. */
export interface Watchdog {
  /** Something was heard. With `patience` (ms), it watches from now on: `bark` is called after so long without a sound. */
  heard (patience?: number): void
  stop (): void
  /** Silent for so long that a page that is seen again had better ask. */
  isDoubtful (): boolean
}

/** ms: no timer takes more. */
const LONGEST_TIMER = 2_147_483_647

export function createWatchdog (env: Env, bark: () => void): Watchdog {
  let heardAt = 0
  let patience = 0
  let timer: number | undefined
  const silence = () => env.Date.now() - heardAt
  const stop = () => { env.clearTimeout(timer) }
  // One timer for many frames: it looks at the clock when it fires, and sleeps for the rest.
  const look = () => {
    const isSilent = silence() >= patience
    if (isSilent) heard()
    timer = env.setTimeout(look, Math.min(patience - silence(), LONGEST_TIMER))
    if (isSilent) bark()
  }
  const heard = (ms?: number) => {
    heardAt = env.Date.now()
    if (!ms) return
    patience = ms
    stop()
    look()
  }
  return { heard, stop, isDoubtful: () => silence() > patience / 2 }
}
