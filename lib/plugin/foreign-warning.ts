import type { FastifyBaseLogger } from 'fastify'
import { warn } from '../util/logger.ts'

const INTERVAL = 60_000 // ms

/** Logs entries of the log that are none of a node's, with the reason for the last one: at once, and then at most once a minute. */
export function foreignWarning (log: FastifyBaseLogger): (reason: string) => void {
  let count = 0
  let next = 0
  return (reason) => {
    count++
    if (performance.now() < next) return
    next = performance.now() + INTERVAL
    warn(log, `comet: skipped ${count} ${count === 1 ? 'entry' : 'entries'} of the log that something else has written, the last because ${reason}`)
    count = 0
  }
}
