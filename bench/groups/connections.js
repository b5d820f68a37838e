// New streams, idle streams, and streams that resume. Each run starts a new server.
import { setTimeout as delay } from 'node:timers/promises'
import { get } from '../clients/dialects.js'
import { requests } from '../clients/requests.js'
import { Contender } from '../contender.js'
import { hasNchan } from '../nchan-server.js'

const WARM_UP_SHARE = 10
const HISTORY = 1000
const kinds = {
  'fastify, immediate answer': { kind: 'fastify', request: () => get('/') },
  http: {},
  eventsource: { kind: 'comet' },
  'better-sse': {},
  'fastify-sse': {},
  'fastify-sse-v2': {},
  sockjs: {},
  ...(hasNchan ? { nchan: {} } : {})
}

export const idle = {
  measures: ['connection', 'memory'],
  async run (settings, samples) {
    await eachRun(kinds, settings, samples, async (contender) => {
      await contender.clients.open(settings.many / WARM_UP_SHARE)
      return opening(contender, settings.many, settings.settle)
    })
  }
}

export const resume = {
  measures: ['resume'],
  async run (settings, samples) {
    const spread = { kind: 'comet', request: requests.eventsource }
    await eachRun({ 'a new stream': spread, 'resuming streams': spread }, settings, samples, async (contender) => {
      const { server, clients } = contender
      const epoch = (await server.call('cursor')).replace(/-\d+$/, '')
      await server.publish({ ticks: HISTORY / 20, burst: 20, size: 100 })
      // 7919 is prime: the cursors are spread evenly over the history.
      const request = (index) => get(`/comet/eventsource?channel=bench&cursor=${epoch}-${index * 7919 % HISTORY}`)
      if (contender.name === 'resuming streams') clients.request = request
      await clients.open(settings.many / WARM_UP_SHARE)
      await drained(contender, settings.settle)
      const { connection } = await opening(contender, settings.many, settings.settle)
      return { resume: connection }
    })
  }
}

async function eachRun (kinds, { runs, wanted, profile }, samples, measure) {
  for (let run = 0; run < runs; run++) {
    for (const [name, options] of Object.entries(kinds)) {
      if (!wanted.contender(name)) continue
      const contender = await Contender.start(name, { ...options, nodeArguments: profile(name) })
      samples.add(name, await measure(contender))
      await contender.stop()
    }
  }
}

/** CPU, µs, and memory, KB, of each of `count` new connections, measured when nothing has arrived for `settle` ms. */
export async function opening (contender, count, settle) {
  const { server, clients } = contender
  await settled(server, settle)
  const { cpu, memory } = server
  await clients.open(count)
  await drained(contender, settle)
  const used = server.cpu - cpu
  await settled(server, settle)
  return { connection: used * 1000 / count, memory: (server.memory - memory) / 1024 / count }
}

/** Resolves when no more bytes arrive. */
async function drained ({ clients }, settle) {
  for (let bytes = -1; bytes !== clients.bytes;) {
    bytes = clients.bytes
    await delay(settle)
  }
}

async function settled (server, settle) {
  await server.collectGarbage()
  await delay(settle)
}
