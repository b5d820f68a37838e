// 1000 streams that get JSON, plain and compressed. What is compressed has no marks to count: bytes are.
import { alternate } from '../alternate.js'
import { calibrate } from '../calibrate.js'
import { get } from '../clients/dialects.js'
import { Contender } from '../contender.js'

const SUBSCRIBERS = 1000
const BURST = 20
const SIZE = 1024
const kinds = {
  plain: {},
  compressed: { request: () => get('/comet/eventsource?channel=bench', 'Accept-Encoding: gzip\r\n') }
}

export const measures = ['compress bytes', 'compress cpu']

export async function run ({ runs, budget, wanted, profile }, samples) {
  const contenders = []
  for (const [name, { request }] of Object.entries(kinds)) {
    if (!wanted.contender(name)) continue
    const options = { plan: 'records', compress: true }
    const contender = await Contender.start(name, { kind: 'comet', options, request: request ?? (() => get('/comet/eventsource?channel=bench')), nodeArguments: profile(name) })
    await contender.clients.open(SUBSCRIBERS)
    contenders.push(contender)
  }
  const turns = await calibrate(contenders, budget, stream)
  await alternate(contenders, runs, async (contender) => {
    const { turns: done, cpu, bytes } = await stream(contender, turns.get(contender))
    const deliveries = done * BURST * SUBSCRIBERS
    return { 'compress cpu': cpu * 1000 / deliveries, 'compress bytes': bytes / deliveries }
  }, samples)
  for (const contender of contenders) await contender.stop()
}

async function stream ({ server, clients }, turns) {
  const { cpu } = server
  const { bytes } = clients
  const { bytesSent } = await server.call('stats')
  for (let turn = 0; turn < turns; turn++) {
    await server.publish({ turns: 1, burst: BURST, size: SIZE })
    // Chunk framing comes on top of what the server counts: this is reached with the last of it at the latest.
    const sent = (await server.call('stats')).bytesSent - bytesSent
    await clients.reachBytes(bytes + sent)
  }
  return { turns, cpu: server.cpu - cpu, bytes: clients.bytes - bytes }
}
