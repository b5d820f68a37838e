import type { FastifyInstance } from 'fastify'
import type { Tick } from './channels.ts'

const SECOND = 1000

/** Publishes the time on the channel `clock` at each full second, until the app closes. */
export function startClock (app: FastifyInstance, publish: (channel: 'clock', tick: Tick) => Promise<unknown>): void {
  let timer = setTimeout(tick, untilNextSecond())
  app.addHook('preClose', async () => { clearTimeout(timer) })

  function tick (): void {
    timer = setTimeout(tick, untilNextSecond())
    publish('clock', { time: Date.now() }).catch((error: unknown) => app.log.error(error))
  }
}

function untilNextSecond (): number {
  const left = SECOND - Date.now() % SECOND
  // A timer may fire a little before its second: without this the same second would tick twice.
  return left < SECOND / 2 ? left + SECOND : left
}
