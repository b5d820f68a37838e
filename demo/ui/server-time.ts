import { report } from './report.ts'

const TRIES = 5
const AGAIN_AFTER = 30_000

/** This page's clock: ms since the epoch, with fractions where the browser gives them. */
export function pageTime (): number {
  return performance.timeOrigin + performance.now()
}

/** How far the server's clock is ahead of this page's, measured by asking it for the time. */
export class ServerTime {
  /** ms */
  ahead = 0
  /** half the round trip of the best measurement: the error is below it; ms, null before the first */
  error: number | null = null

  /** Measures now and every half minute. */
  start (): void {
    const measure = (): void => { this.#measure().catch(report) }
    measure()
    setInterval(measure, AGAIN_AFTER)
  }

  async #measure (): Promise<void> {
    let best = Infinity
    for (let i = 0; i < TRIES; i++) {
      const asked = pageTime()
      const time = await askTime()
      const roundTrip = pageTime() - asked
      if (time === null || roundTrip >= best) continue
      best = roundTrip
      this.ahead = time - asked - roundTrip / 2
      this.error = roundTrip / 2
    }
  }
}

async function askTime (): Promise<number | null> {
  try {
    const response = await fetch('/time', { cache: 'no-store' })
    const { time } = await response.json() as { time: number }
    return time
  } catch {
    // The server is away: what was measured before still holds.
    return null
  }
}
