import fastify from 'fastify'
import comet from '../../build/bench/comet.js'
import { listen } from './listen.js'
import * as engines from './log-engines.js'
import { order, payload } from './payload.js'

const NEVER = 1e8

/** Which channels a turn publishes on; `channels` is how many there are. */
const plans = {
  one: (publish, burst, make) => {
    for (let i = 1; i <= burst; i++) publish('bench', make(i === burst))
  },
  /** like one, of JSON as applications send it */
  records: (publish, burst) => {
    for (let i = 1; i <= burst; i++) publish('bench', order())
  },
  /** one message, on each channel in turn */
  rotate: (publish, _burst, make, turn, channels) => { publish(`c${turn % channels}`, make(true)) },
  /** one message on each channel, every tenth of them marked */
  each: (publish, _burst, make, _turn, channels) => {
    for (let i = 0; i < channels; i++) publish(`c${i}`, make(i % 10 === 0))
  },
  /** one message on each channel, all marked */
  own: (publish, _burst, make, _turn, channels) => {
    for (let i = 0; i < channels; i++) publish(`c${i}`, make(true))
  }
}

/** `engine`: what the log stands on, at `enginePort`; without it, memory. */
export async function start ({ plan = 'one', channels = 1, engine, enginePort, ...options }) {
  const app = fastify()
  const withoutTimers = { heartbeatInterval: NEVER, pollTimeout: NEVER, maxConnectionAge: 0 }
  const log = engine === undefined ? {} : { log: await engines[engine].log(enginePort) }
  await app.register(comet, { ...withoutTimers, serveClient: false, ...log, ...options })
  await app.ready()
  const publish = (channel, data) => { app.comet.publish(channel, data) }
  return {
    port: await listen(app.server),
    publish: (burst, make, turn) => { plans[plan](publish, burst, make, turn, channels) },
    commands: {
      cursor: () => app.comet.cursor(),
      stats: () => app.comet.stats(),
      /** Publishes so many messages, 100 a turn, spread over some channels. */
      async flood ({ count, size, channels }) {
        const data = payload(size, false)
        for (let i = 0; i < count; i++) {
          app.comet.publish(`flood${i % channels}`, data)
          if (i % 100 === 99) await new Promise((resolve) => { setImmediate(resolve) })
        }
      }
    }
  }
}
