// 1000 streams of JSON, plain and compressed. Compressed data has no marks to count, so bytes are counted.
import { alternate } from '../alternate.js'
import { calibrate } from '../calibrate.js'
import { get } from '../clients/dialects.js'
import { Contender } from '../contender.js'

const SUBSCRIBERS = 1000
const BURST = 20
const SIZE = 1024
const TARGET = '/comet/eventsource?channel=bench'
const requests = {
  plain: () => get(TARGET),
  compressed: () => get(TARGET, 'Accept-Encoding: gzip\r\n')
}

export const measures = ['compress bytes', 'compress cpu']

export async function run ({ runs, budget, wanted, profile }, samples) {
  const contenders = []
  for (const [name, request] of Object.entries(requests)) {
    if (!wanted.contender(name)) continue
    const options = { plan: 'records', compress: true }
    const contender = await Contender.start(name, { kind: 'comet', options, request, nodeArguments: profile(name) })
    await contender.clients.open(SUBSCRIBERS)
    contenders.push(contender)
  }
  const ticks = await calibrate(contenders, budget, stream)
  await alternate(contenders, runs, async (contender) => {
    const { ticks: done, cpu, bytes } = await stream(contender, ticks.get(contender))
    const deliveries = done * BURST * SUBSCRIBERS
    return { 'compress cpu': cpu * 1000 / deliveries, 'compress bytes': bytes / deliveries }
  }, samples)
  for (const contender of contenders) await contender.stop()
}

async function stream ({ server, clients }, ticks) {
  const { cpu } = server
  const { bytes } = clients
  const { bytesSent } = await server.call('stats')
  for (let tick = 0; tick < ticks; tick++) {
    await server.publish({ ticks: 1, burst: BURST, size: SIZE })
    // Chunk framing adds to what the server counts, so this many bytes have arrived at the latest with the last chunk.
    const sent = (await server.call('stats')).bytesSent - bytesSent
    await clients.reachBytes(bytes + sent)
  }
  return { ticks, cpu: server.cpu - cpu, bytes: clients.bytes - bytes }
}
