// As many connections a second as the loopback interface takes, to a server that is full: `npm run long -- connects
// [seconds]`.
import { setTimeout as pause } from 'node:timers/promises'
import { flood } from './flood.ts'
import { type Sample, ServerProcess } from './server-process.ts'
import { say, verdict } from './verdict.ts'
import { all, Witness } from './witness.ts'

const seconds = Number(process.argv[2] ?? 10)
const CLIENTS = 30
const CHANNELS = 5
const WARM_UP = 3000

const server = await ServerProcess.start({ maxConnections: CLIENTS, heartbeatInterval: 2000, pollTimeout: 5000 })
// A poll leaves its place with each message, and somebody else may take it.
const clients = Array.from({ length: CLIENTS }, (_, i) =>
  new Witness(server.port, i % 2 === 0 ? 'eventsource' : 'iframe', i % CHANNELS))
await all(clients, ({ comet }) => comet.state === 'open')
await server.tell({ do: 'publish', channels: CHANNELS, rate: 50 })
await flood(server.port, WARM_UP)
const before = await atRest()
const start = performance.now()
const { opened, aborted, refused, retries, others, failed } = await flood(server.port, seconds * 1000)
const took = (performance.now() - start) / 1000
const { delay } = await server.tell<Sample>({ do: 'sample' })
const after = await atRest()
await server.tell({ do: 'rest' })
const last = await server.tell<number[]>({ do: 'once', channels: CHANNELS })
const told = await all(clients, (one) => one.last === last[one.channel])
const sum = (of: (one: Witness) => number): number => clients.reduce((total, one) => total + of(one), 0)
for (const { comet } of clients) comet.close()
await server.kill()

say(`${opened} connections in ${took.toFixed(1)} s: ${aborted} aborted, ${refused} refused, ${failed} not connected`)
verdict([
  [`${Math.round(opened / took)} connections a second`, failed === 0],
  [
    `Retry-After: ${[...retries].sort(([a], [b]) => a - b).map(([s, times]) => `${s} s ${times} times`).join(', ')}`,
    refused > 0 && isJittered([...retries.keys()])
  ],
  [
    `other answers: ${[...others].map(([status, times]) => `${status} ${times} times`).join(', ') || 'none'}`,
    others.size === 0
  ],
  [`99 % of the delays of the event loop were below ${delay.toFixed(0)} ms`, delay < 500],
  [`the ${CLIENTS} that were there lost ${sum(({ lost }) =>
    lost)}, heard ${sum(({ repeated }) => repeated)} twice, were told of ${sum(({ gaps }) => gaps.length)} gaps`,
  told !== undefined && sum(({ lost, repeated, gaps }) => lost + repeated + gaps.length) === 0],
  [
    `heap ${before.heap} bytes before, ${after.heap} after; file descriptors ${before.files}, ${after.files}`,
    after.heap <= before.heap * 1.05 && after.files <= before.files + CLIENTS
  ]
])

function isJittered (retries: number[]): boolean {
  return retries.length > 1 && retries.every((s) => s >= 1 && s <= 5)
}

async function atRest (): Promise<Sample> {
  await pause(3000)
  return await server.tell<Sample>({ do: 'sample' })
}
