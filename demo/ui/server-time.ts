import { logError } from './log-error.ts'

const PATH = '/time'
const ATTEMPTS = 8
const MEASURE_INTERVAL = 30_000

/** This page's clock: ms since the epoch, with fractions if the browser provides them. */
export function pageTime (): number {
  return performance.timeOrigin + performance.now()
}

/** Measures how far the server's clock is ahead of this page's, by requesting the server's time. */
export class ServerTime {
  /** ms */
  ahead = 0
  /** half the round trip of the best measurement, which bounds the error; ms, null before the first */
  error: number | null = null

  /** Measures now and every 30 seconds. */
  start (): void {
    const measure = (): void => { this.#measure().catch(logError) }
    measure()
    setInterval(measure, MEASURE_INTERVAL)
  }

  async #measure (): Promise<void> {
    let best = Infinity
    for (let i = 0; i < ATTEMPTS; i++) {
      const answer = await requestTime()
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
  /** by the server's clock, ms since the epoch */
  time: number
  /** by this page's clock, ms since the epoch */
  asked: number
  answered: number
}

async function requestTime (): Promise<Answer | null> {
  const asked = pageTime()
  try {
    performance.clearResourceTimings()
    const response = await fetch(PATH, { cache: 'no-store' })
    const { time } = await response.json() as { time: number }
    return { time, asked, answered: pageTime(), ...networkTimes() }
  } catch {
    // The server is down: the previous measurement remains valid.
    return null
  }
}

/** The times of request and response on the network, which a busy page does not distort. */
function networkTimes (): Partial<Answer> {
  const entry = performance.getEntriesByType('resource').find(({ name }) => new URL(name).pathname === PATH)
  if (!(entry instanceof PerformanceResourceTiming) || entry.requestStart === 0) return {}
  return { asked: performance.timeOrigin + entry.requestStart, answered: performance.timeOrigin + entry.responseStart }
}
