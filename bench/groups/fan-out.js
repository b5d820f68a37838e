// 1000 streams that all receive the same messages.
import { alternate } from '../alternate.js'
import { calibrate } from '../calibrate.js'
import { Contender } from '../contender.js'
import { hasNchan } from '../nchan-server.js'
import { quantile } from '../statistics.js'

const SUBSCRIBERS = 1000
const TICKS_PER_SECOND = 20
const kinds = {
  eventsource: { kind: 'comet' },
  net: {},
  iframe: { kind: 'comet' },
  http: {},
  'better-sse': {},
  'fastify-sse': {},
  'fastify-sse-v2': {},
  sockjs: {},
  ...(hasNchan ? { nchan: {} } : {})
}

export const measures = ['cpu 1', 'cpu 20', 'saturation', 'latency p99']

export async function run ({ runs, budget, latencyTime, wanted, profile }, samples) {
  const contenders = []
  for (const [name, options] of Object.entries(kinds)) {
    if (!wanted.contender(name)) continue
    const contender = await Contender.start(name, { ...options, nodeArguments: profile(name) })
    await contender.clients.open(SUBSCRIBERS)
    contenders.push(contender)
  }
  if (wanted.measure('cpu 1')) await cpu(contenders, 1, runs, budget, samples)
  if (wanted.measure('cpu 20') || wanted.measure('saturation')) await cpu(contenders, 20, runs, budget, samples)
  if (wanted.measure('latency p99')) {
    await latency(contenders.filter(({ name }) => name !== 'nchan'), runs, latencyTime, samples)
  }
  for (const contender of contenders) await contender.stop()
}

async function cpu (contenders, burst, runs, budget, samples) {
  const ticks = await calibrate(contenders, budget, (contender, count) => contender.stream(count, { burst }))
  await alternate(contenders, runs, async (contender) => {
    const { cpu, elapsed, ticks: done } = await contender.stream(ticks.get(contender), { burst })
    const deliveries = done * burst * SUBSCRIBERS
    const saturation = burst > 1 ? { saturation: deliveries / elapsed * 1000 } : {}
    return { [`cpu ${burst}`]: cpu * 1000 / deliveries, ...saturation }
  }, samples)
}

async function latency (contenders, runs, time, samples) {
  const every = 1000 / TICKS_PER_SECOND
  await alternate(contenders, runs, async ({ server, clients }) => {
    const latencies = clients.latencies = []
    const ticks = Math.ceil(time / every)
    const reached = clients.reach(clients.marks + ticks * SUBSCRIBERS)
    await server.publish({ ticks, burst: 1, size: 100, every })
    await reached
    clients.latencies = undefined
    return { 'latency p50': quantile(latencies, 0.5) / 1000, 'latency p99': quantile(latencies, 0.99) / 1000 }
  }, samples)
}
