// Streams without messages: the cost of heartbeats, and of detecting vanished clients.
import { setTimeout as delay } from 'node:timers/promises'
import { requests } from '../clients/requests.js'
import { Contender } from '../contender.js'

const kinds = {
  'without detecting vanished clients': { hidden: '/proc/net/tcp' },
  'detecting vanished clients': {},
  'detecting, with timers expiring': { hidden: '/proc/net/netstat' }
}

export const measures = ['idle']

export async function run ({ runs, many, quick, wanted, profile }, samples) {
  const heartbeatInterval = quick ? 2000 : 15_000
  for (let run = 0; run < runs; run++) {
    for (const [name, options] of Object.entries(kinds)) {
      if (!wanted.contender(name)) continue
      const contender = await Contender.start(name, {
        kind: 'comet-idle',
        options: { ...options, heartbeatInterval },
        request: requests.eventsource,
        nodeArguments: profile(name)
      })
      samples.add(name, { idle: await cpuPerSecond(contender, many, heartbeatInterval) })
      await contender.stop()
    }
  }
}

/** CPU over three heartbeats, ms per second, from when every stream has received its first one. */
async function cpuPerSecond ({ server, clients }, count, heartbeat) {
  await clients.open(count)
  await delay(heartbeat * 4 / 3)
  const start = performance.now()
  const { cpu } = server
  await delay(heartbeat * 3)
  return (server.cpu - cpu) * 1000 / (performance.now() - start)
}
