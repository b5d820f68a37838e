import type { Env } from './env.ts'

/** Tells when a connection is silent for too long, by the wall clock: timers stand still in hidden tabs. */
export interface Watchdog {
  heard (): void
  /** Watches from now on: `bark` is called after `patience` ms without a sound. */
  start (patience: number): void
  stop (): void
  /** Silent for so long that a page that is seen again had better ask. */
  isDoubtful (): boolean
}

export function createWatchdog (env: Env, bark: () => void): Watchdog {
  let heardAt = 0
  let patience = 0
  let timer: number | undefined
  const heard = () => { heardAt = env.Date.now() }
  const silence = () => env.Date.now() - heardAt
  const stop = () => { env.clearTimeout(timer) }
  const start = (ms: number) => {
    patience = ms
    stop()
    // One timer for many frames: it looks at the clock when it fires, and sleeps for the rest.
    timer = env.setTimeout(() => {
      const isSilent = silence() >= ms
      if (isSilent) heard()
      start(ms)
      if (isSilent) bark()
    }, ms - silence())
  }
  return { heard, start, stop, isDoubtful: () => silence() > patience / 2 }
}
