import fastify from 'fastify'
import comet from '../../build/bench/comet.js'
import { listen } from './listen.js'
import * as brokers from './log-brokers.js'
import { order, payload } from './payload.js'

const NEVER = 1e8

/** The messages that a tick publishes; `channels` is the number of channels. */
const plans = {
  one: (publish, burst, make) => {
    for (let i = 1; i <= burst; i++) publish('bench', make(i === burst))
  },
  /** like `one`, with JSON as applications send it */
  records: (publish, burst) => {
    for (let i = 1; i <= burst; i++) publish('bench', order())
  },
  /** one message, on each channel in turn */
  rotate: (publish, _burst, make, tick, channels) => { publish(`c${tick % channels}`, make(true)) },
  /** one message on each channel, every tenth of them marked */
  each: (publish, _burst, make, _turn, channels) => {
    for (let i = 0; i < channels; i++) publish(`c${i}`, make(i % 10 === 0))
  },
  /** one message on each channel, all marked */
  own: (publish, _burst, make, _turn, channels) => {
    for (let i = 0; i < channels; i++) publish(`c${i}`, make(true))
  }
}

/** `broker`: `redis` or `nats`, listening on `brokerPort`. Default: the log is in memory. */
export async function start ({ plan = 'one', channels = 1, broker, brokerPort, ...options }) {
  const app = fastify()
  const withoutTimers = { heartbeatInterval: NEVER, pollTimeout: NEVER, maxConnectionAge: 0 }
  const log = broker === undefined ? {} : { log: await brokers[broker].log(brokerPort) }
  await app.register(comet, { ...withoutTimers, serveClient: false, ...log, ...options })
  await app.ready()
  const publish = (channel, data) => { app.comet.publish(channel, data) }
  return {
    port: await listen(app.server),
    publish: (burst, make, tick) => { plans[plan](publish, burst, make, tick, channels) },
    commands: {
      cursor: () => app.comet.cursor(),
      stats: () => app.comet.stats(),
      /** Publishes `count` messages, 100 per tick, spread over `channels` channels. */
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
