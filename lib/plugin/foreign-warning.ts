import type { FastifyBaseLogger } from 'fastify'
import { logWarning } from '../util/logger.ts'

const INTERVAL = 60_000 // ms

/** Returns a function that logs skipped foreign entries with the last reason: immediately, then once a minute. */
export function foreignWarning (logger: FastifyBaseLogger): (reason: string) => void {
  let count = 0
  let next = 0
  return (reason) => {
    count++
    if (performance.now() < next) return
    next = performance.now() + INTERVAL
    const entries = count === 1 ? 'entry' : 'entries'
    const skipped = `comet: skipped ${count} ${entries} of the log that comet has not written`
    logWarning(logger, `${skipped}, the last because ${reason}`)
    count = 0
  }
}
