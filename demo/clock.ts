import type { FastifyInstance } from 'fastify'
import type { Tick } from './channels.ts'
import { after, type Time } from './time.ts'

const SECOND = 1000
// Beyond that (a laptop's lid, a clock that was set) nobody wants to hear what was missed.
const LONGEST_PAUSE = 60 * SECOND

const wallClock: Time = { now: () => Date.now(), after }

/**
 * Publishes each full second on the channel `clock` once, in order, until the app closes. While the process is busy they
 * are late; none is left out.
 */
export function startClock (app: FastifyInstance, publish: (channel: 'clock', tick: Tick) => Promise<unknown>, time = wallClock): void {
  let due = secondAfter(time.now())
  let cancel = time.after(due - time.now(), tick)
  app.addHook('preClose', async () => { cancel() })

  // Timers fire up to 1 ms early, so that the second is the one that was due, and comes when it is due.
  function tick (): void {
    due = dueAt(time.now(), due)
    for (; due <= time.now(); due += SECOND) say(due)
    cancel = time.after(due - time.now(), tick)
  }

  function say (second: number): void {
    publish('clock', { time: second }).catch((error: unknown) => app.log.error(error))
  }
}

/** What is due next at `now`: `due`, unless the clock was set, or stood still for too long. */
function dueAt (now: number, due: number): number {
  const isSet = due - now > SECOND || now - due > LONGEST_PAUSE
  return isSet ? secondAfter(now) : due
}

function secondAfter (now: number): number {
  return now - now % SECOND + SECOND
}
