// 900 streams that keep up, alone and together with 100 that do not.
import { alternate } from '../alternate.js'
import { calibrate } from '../calibrate.js'
import { requests } from '../clients/requests.js'
import { SlowClients } from '../clients/slow-clients.js'
import { Contender } from '../contender.js'

const FAST = 900
const SLOW = 100
const BURST = 20

export const measures = ['slow']

export async function run ({ runs, budget, wanted, profile }, samples) {
  const kinds = [['fast readers', 0], ['with slow readers', SLOW]]
  const contenders = []
  const slow = []
  for (const [name, count] of kinds) {
    if (!wanted.contender(name)) continue
    const options = { kind: 'comet', request: requests.eventsource, nodeArguments: profile(name) }
    const contender = await Contender.start(name, options)
    await contender.clients.open(FAST)
    const clients = new SlowClients(contender.server.port, requests.eventsource)
    await clients.open(count)
    contenders.push(contender)
    slow.push(clients)
    await fallBehind(contender, count)
  }
  const ticks = await calibrate(contenders, budget, (contender, count) => contender.stream(count, { burst: BURST }))
  await alternate(contenders, runs, async (contender) => {
    const { cpu, ticks: done } = await contender.stream(ticks.get(contender), { burst: BURST })
    const { lagging } = await contender.server.call('stats')
    return { slow: cpu * 1000 / (done * BURST * FAST), lagging }
  }, samples)
  for (const clients of slow) clients.close()
  for (const contender of contenders) await contender.stop()
}

// The server sees that a reader is slow only after the kernel's buffers for it are full.
async function fallBehind (contender, count) {
  for (let i = 0; i < 100; i++) {
    const { lagging } = await contender.server.call('stats')
    if (lagging >= count) return
    await contender.stream(8, { burst: BURST, size: 4000 })
  }
}
