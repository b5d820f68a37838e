// Thousands of connections that are cut all the time: `npm run long -- soak [minutes] [connections]`.
import { setTimeout as pause } from 'node:timers/promises'
import { cut } from './light-env.ts'
import { type Sample, ServerProcess } from './server-process.ts'
import { minutes, say, verdict } from './verdict.ts'
import { all, transportOf, Witness } from './witness.ts'

const duration = minutes(30) * 60_000
const connections = Number(process.argv[3] ?? 5000)
const CHANNELS = 100
const MESSAGES_PER_SECOND = 100
const LIFE = 5000
const TICK = 100
const WARM_UP = Math.min(30_000, duration)

// What is held is gone soon after the last message, so that the two ends can be compared.
const server = await ServerProcess.start({
  historyAge: 60_000, heartbeatInterval: 5000, pollTimeout: 5000, presenceGrace: 1000
})
await load(WARM_UP)
const before = await atRest()
const those = await load(duration)
const after = await atRest()
await server.kill()

const sum = (of: (one: Witness) => number): number => those.reduce((total, one) => total + of(one), 0)
const growth = after.heap / before.heap - 1
verdict([
  [`lost ${sum(({ lost }) => lost)}, repeated ${sum(({ repeated }) => repeated)}, gaps ${those.flatMap(({ gaps }) =>
    gaps).join() || 'none'}`, sum(({ lost, repeated, gaps }) => lost + repeated + gaps.length) === 0],
  [`heap ${before.heap} bytes before, ${after.heap} after: ${(growth * 100).toFixed(1)} %`, growth <= 0.05],
  [`file descriptors ${before.files}, ${after.files}; listeners ${before.listeners}, ${after.listeners}; timers ${before.timers}, ${after.timers}`,
    after.files <= before.files && after.listeners <= before.listeners && after.timers <= before.timers]
])

/** A third of the clients on each transport, two channels each. */
async function load (ms: number): Promise<Witness[]> {
  const clients = Array.from({ length: connections }, (_, i) => {
    const one = new Witness(server.port, transportOf(i), i % CHANNELS)
    return [one, new Witness(server.port, transportOf(i), (i * 7 + 1) % CHANNELS, one.comet)]
  }).flat()
  await all(clients, ({ comet }) => comet.state === 'open', 300_000)
  await server.tell({ do: 'publish', channels: CHANNELS, rate: MESSAGES_PER_SECOND })
  const end = performance.now() + ms
  for (let told = 0; performance.now() < end; await pause(TICK)) {
    cut(Math.round(connections * TICK / LIFE))
    if (performance.now() < told) continue
    told = performance.now() + 30_000
    const { stats, delay } = await server.tell<Sample>({ do: 'sample' })
    say(`${JSON.stringify(stats.connections)}, ${stats.delivered} delivered, loop delay ${delay.toFixed(0)} ms at 99 %`)
  }
  await server.tell({ do: 'rest' })
  const last = await server.tell<number[]>({ do: 'once', channels: CHANNELS })
  if (await all(clients, (one) => one.last === last[one.channel], 120_000) === undefined) {
    say('some were not told the last message')
  }
  for (const { comet } of clients) comet.close()
  return clients
}

/** Nobody there, nothing held. */
async function atRest (): Promise<Sample> {
  for (;;) {
    await pause(2000)
    const sample = await server.tell<Sample>({ do: 'sample' })
    if (sample.stats.channels === 0 && sample.stats.subscriptions === 0) {
      await pause(3000)
      return await server.tell<Sample>({ do: 'sample' })
    }
  }
}
