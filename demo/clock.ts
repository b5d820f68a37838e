import type { FastifyInstance } from 'fastify'
import type { ClockTick } from './channels.ts'
import { after, type Time } from './time.ts'

const SECOND = 1000
// After a longer pause (a closed laptop, a clock that was set) the missed seconds are skipped.
const MAX_PAUSE = 60 * SECOND

const wallClock: Time = { now: () => Date.now(), after }

/**
 * Publishes each full second on the channel `clock` once, in order, until the app closes. While the process is busy,
 * seconds are late, but none is skipped.
 */
export function startClock (
  app: FastifyInstance,
  publish: (channel: 'clock', tick: ClockTick) => Promise<unknown>,
  time = wallClock
): void {
  let due = secondAfter(time.now())
  let cancel = time.after(due - time.now(), tick)
  app.addHook('preClose', async () => { cancel() })

  // Timers fire up to 1 ms early, so this publishes the seconds that are due, not the second that it is now.
  function tick (): void {
    due = dueAt(time.now(), due)
    for (; due <= time.now(); due += SECOND) publishSecond(due)
    cancel = time.after(due - time.now(), tick)
  }

  function publishSecond (second: number): void {
    publish('clock', { time: second }).catch((error: unknown) => app.log.error(error))
  }
}

/** The next second to publish at `now`: `due`, unless the clock was set, or the process paused for too long. */
function dueAt (now: number, due: number): number {
  const isSet = due - now > SECOND || now - due > MAX_PAUSE
  return isSet ? secondAfter(now) : due
}

function secondAfter (now: number): number {
  return now - now % SECOND + SECOND
}
