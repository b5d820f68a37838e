// Streams on which nothing is published: heartbeats, and finding clients that have vanished.
import { setTimeout as delay } from 'node:timers/promises'
import { requests } from '../clients/requests.js'
import { Contender } from '../contender.js'

const kinds = {
  'nobody looked for': { hidden: '/proc/net/tcp' },
  'vanished clients found': {},
  'as if timers expired all the time': { hidden: '/proc/net/netstat' }
}

export const measures = ['idle']

export async function run ({ runs, many, quick, wanted, profile }, samples) {
  const heartbeatInterval = quick ? 2000 : 15_000
  for (let run = 0; run < runs; run++) {
    for (const [name, options] of Object.entries(kinds)) {
      if (!wanted.contender(name)) continue
      const contender = await Contender.start(name, { kind: 'comet-idle', options: { ...options, heartbeatInterval }, request: requests.eventsource, nodeArguments: profile(name) })
      samples.add(name, { idle: await cpuASecond(contender, many, heartbeatInterval) })
      await contender.stop()
    }
  }
}

/** CPU ms a second over three heartbeats, after the first that all have got. */
async function cpuASecond ({ server, clients }, count, heartbeat) {
  await clients.open(count)
  await delay(heartbeat * 4 / 3)
  const start = performance.now()
  const { cpu } = server
  await delay(heartbeat * 3)
  return (server.cpu - cpu) * 1000 / (performance.now() - start)
}
