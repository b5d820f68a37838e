// One of two nodes on one log: an instance of the plugin, or a bare loop over the same client of the broker.
import { setTimeout as delay } from 'node:timers/promises'
import fastify from 'fastify'
import comet from '../../build/bench/comet.js'
import * as brokers from './log-brokers.js'
import { now } from './payload.js'

const TEXT = 'the quick brown fox jumps over the lazy dog and runs on, and on '

export async function start ({ broker, bare, port }) {
  const { send, listen } = bare ? await brokers[broker].bare(port) : await ours(await brokers[broker].log(port))
  let latencies = []
  await listen(({ at }) => { latencies.push((Number(now()) - Number(at)) / 1000) })
  return {
    port: 0,
    commands: {
      /** Publishes one message after the other. */
      async paced ({ count, pause }) {
        for (let i = 0; i < count; i++) {
          await send({ at: now(), text: TEXT })
          await delay(pause)
        }
      },
      /** Publishes `count` messages, `window` of them in flight at a time. Returns the acknowledgements per second. */
      async flood ({ count, window }) {
        const start = performance.now()
        let left = count
        const work = async () => {
          while (left-- > 0) await send({ at: now(), text: TEXT })
        }
        await Promise.all(Array.from({ length: window }, work))
        return count / (performance.now() - start) * 1000
      },
      /** The time from publish to arrival of all messages received since the last call, ms. */
      latencies () {
        const taken = latencies
        latencies = []
        return taken
      }
    }
  }
}

async function ours (log) {
  const app = fastify()
  await app.register(comet, { log, serveClient: false })
  await app.ready()
  return {
    send: (data) => app.comet.publish('bench', data),
    listen: (listener) => { app.comet.subscribe('bench', ({ data }) => { listener(data) }) }
  }
}
