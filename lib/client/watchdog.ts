// Tells when a connection has been silent for too long, by the wall clock: timers stand still in hidden tabs.

import type { Frame, TransportName } from '../protocol.ts'
import type { Env } from './env.ts'

/** ms that a poll's answer may be late */
const POLL_GRACE = 5000

export class Watchdog {
  private readonly env: Env
  private readonly bark: () => void
  private limit = 30_000
  private last = 0
  private timer: number | undefined

  /** `bark` is called when the silence has lasted longer than two heartbeats, or than a poll may take. */
  constructor (env: Env, bark: () => void) {
    this.env = env
    this.bark = bark
  }

  /** A frame has come. The first one of a connection tells how often the server will speak. */
  heard (frame: Frame, transport: TransportName): void {
    this.last = this.env.Date.now()
    if (frame.type !== 'open') return
    this.limit = transport === 'long-poll' ? frame.poll + POLL_GRACE : 2 * frame.heartbeat
    this.watch()
  }

  /** A page that is seen again had better ask. */
  isDoubtful (): boolean {
    return this.timer !== undefined && this.env.Date.now() - this.last > this.limit / 2
  }

  stop (): void {
    this.env.clearTimeout(this.timer)
    this.timer = undefined
  }

  // One timer for many frames: it looks at the clock when it fires, and sleeps for the rest.
  private watch (): void {
    this.stop()
    this.timer = this.env.setTimeout(() => {
      const isSilent = this.env.Date.now() - this.last >= this.limit
      if (isSilent) this.last = this.env.Date.now()
      this.watch()
      if (isSilent) this.bark()
    }, this.last + this.limit - this.env.Date.now())
  }
}
