// Compares the plugin's log over a broker with a bare loop over the same client: one of two nodes publishes, the other
// receives.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { alternate } from './alternate.js'
import { calibrate } from './calibrate.js'
import { requests } from './clients/requests.js'
import { Contender } from './contender.js'
import { NodeServer } from './node-server.js'
import { table } from './report.js'
import { Samples } from './samples.js'
import { quantile, ratio, summary } from './statistics.js'

const commands = {
  redis: (port, folder) =>
    ['redis-server', '--port', port, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder],
  nats: (port, folder) =>
    ['nats-server', '--addr', '127.0.0.1', '--port', port, '--jetstream', '--store_dir', folder]
}
const units = {
  latency: 'latency from node to node, p50, ms',
  throughput: 'publishes per second, 256 in flight',
  cpu: 'CPU per delivery on a node, 1000 subscribers, µs'
}
const targets = { latency: '≤ 1.3', throughput: '≥ 0.8', cpu: '≤ 1.1' }

/** Measures all brokers and prints a table for each. */
export async function logs (settings) {
  for (const broker of Object.keys(commands)) {
    const { port, stop } = await startBroker(commands[broker])
    const samples = new Samples()
    await nodes(broker, port, settings, samples)
    await deliveries(broker, port, settings, samples)
    await stop()
    const heads = [broker, 'ours', 'bare loop', 'ratio', 'spread', 'target']
    console.log(`\n${table(heads, Object.keys(units).map((measure) => line(measure, samples)))}`)
  }
}

async function nodes (broker, port, { runs, quick }, samples) {
  const contenders = []
  for (const [name, bare] of [['ours', false], ['bare loop', true]]) {
    const start = () => NodeServer.start('log-node', { broker, bare, port })
    const [publisher, reader] = await Promise.all([start(), start()])
    contenders.push({ name, publisher, reader })
  }
  const [paced, flood] = quick ? [100, 5000] : [500, 20_000]
  await alternate(contenders, runs, async ({ publisher, reader }) => {
    await publisher.call('paced', { count: paced, pause: 2 })
    const latencies = await reader.call('latencies')
    const throughput = await publisher.call('flood', { count: flood, window: 256 })
    await delay(500)
    await reader.call('latencies')
    return { latency: quantile(latencies, 0.5), throughput }
  }, samples)
  for (const { publisher, reader } of contenders) await Promise.all([publisher.stop(), reader.stop()])
}

async function deliveries (broker, port, { runs, budget }, samples) {
  const contenders = []
  for (const [name, options] of [['ours', { broker, brokerPort: port }], ['bare loop', {}]]) {
    const contender = await Contender.start(name, { kind: 'comet', options, request: requests.eventsource })
    await contender.clients.open(1000)
    contenders.push(contender)
  }
  const ticks = await calibrate(contenders, budget, (contender, count) => contender.stream(count))
  await alternate(contenders, runs, async (contender) => {
    const { cpu, ticks: done } = await contender.stream(ticks.get(contender))
    return { cpu: cpu * 1000 / (done * 1000) }
  }, samples)
  for (const contender of contenders) await contender.stop()
}

function line (measure, samples) {
  const [ours, bare] = ['ours', 'bare loop'].map((name) => samples.of(measure).get(name))
  const { median, low, high } = ratio(ours, bare)
  const medians = [summary(ours).median, summary(bare).median]
  return [units[measure], ...medians, median, `${low}–${high}`, targets[measure]].map(String)
}

async function startBroker (command) {
  const folder = await mkdtemp(join(tmpdir(), 'fastify-comet-bench-'))
  const port = await freePort()
  const [program, ...args] = command(String(port), folder)
  const broker = spawn(program, args, { stdio: 'ignore' })
  await once(broker, 'spawn')
  while (!await accepts(port)) await delay(50)
  return {
    port,
    async stop () {
      broker.kill()
      await once(broker, 'exit')
      await rm(folder, { recursive: true })
    }
  }
}

async function freePort () {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  return port
}

function accepts (port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
