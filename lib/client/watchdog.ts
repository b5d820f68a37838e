import type { Env } from './env.ts'

/** Tells when a connection is silent for too long, by the wall clock: timers stand still in hidden tabs. */
export class Watchdog {
  private readonly env: Env
  private readonly bark: () => void
  private heardAt = 0
  private patience = 0
  private timer: number | undefined

  constructor (env: Env, bark: () => void) {
    this.env = env
    this.bark = bark
  }

  heard (): void {
    this.heardAt = this.env.Date.now()
  }

  /** Watches from now on: `bark` is called after `patience` ms without a sound. */
  start (patience: number): void {
    this.patience = patience
    this.stop()
    // One timer for many frames: it looks at the clock when it fires, and sleeps for the rest.
    this.timer = this.env.setTimeout(() => {
      const isSilent = this.silence() >= patience
      if (isSilent) this.heard()
      this.start(patience)
      if (isSilent) this.bark()
    }, patience - this.silence())
  }

  stop (): void {
    this.env.clearTimeout(this.timer)
  }

  /** Silent for so long that a page that is seen again had better ask. */
  isDoubtful (): boolean {
    return this.silence() > this.patience / 2
  }

  private silence (): number {
    return this.env.Date.now() - this.heardAt
  }
}
