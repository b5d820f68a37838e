import { report } from './log-error.ts'

const ADDRESS = '/time'
const TRIES = 8
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
      const answer = await askTime()
      if (answer === null) continue
      const { time, asked, answered } = answer
      if (answered - asked >= best) continue
      best = answered - asked
      this.ahead = time - (asked + answered) / 2
      this.error = best / 2
    }
  }
}

interface Answer {
  /** the server's, ms since the epoch */
  time: number
  /** this page's, ms since the epoch */
  asked: number
  answered: number
}

async function askTime (): Promise<Answer | null> {
  const asked = pageTime()
  try {
    performance.clearResourceTimings()
    const response = await fetch(ADDRESS, { cache: 'no-store' })
    const { time } = await response.json() as { time: number }
    return { time, asked, answered: pageTime(), ...onTheWire() }
  } catch {
    // The server is away: what was measured before still holds.
    return null
  }
}

/** When the question left and the answer came, as the browser's network saw it: a busy page does not blur that. */
function onTheWire (): Partial<Answer> {
  const entry = performance.getEntriesByType('resource').find(({ name }) => new URL(name).pathname === ADDRESS)
  if (!(entry instanceof PerformanceResourceTiming) || entry.requestStart === 0) return {}
  return { asked: performance.timeOrigin + entry.requestStart, answered: performance.timeOrigin + entry.responseStart }
}
