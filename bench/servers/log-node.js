// One of two nodes on one log: a plugin instance, or a bare loop over the same client of the engine.
import { setTimeout as delay } from 'node:timers/promises'
import fastify from 'fastify'
import comet from '../../build/bench/comet.js'
import * as engines from './log-engines.js'
import { now } from './payload.js'

const TEXT = 'the quick brown fox jumps over the lazy dog and runs on, and on '

export async function start ({ engine, bare, port }) {
  const { send, listen } = bare ? await engines[engine].bare(port) : await ours(await engines[engine].log(port))
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
      /** Publishes so many, `window` of them under way at a time. Returns how many a second were acknowledged. */
      async flood ({ count, window }) {
        const start = performance.now()
        let left = count
        const work = async () => {
          while (left-- > 0) await send({ at: now(), text: TEXT })
        }
        await Promise.all(Array.from({ length: window }, work))
        return count / (performance.now() - start) * 1000
      },
      /** ms from publish to arrival, of all that has come since this was asked last. */
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
