// A server is killed and started again, and all its clients come back: `npm run long -- storm [clients]`.
import { ServerProcess, type Sample } from './server-process.ts'
import { say, verdict } from './verdict.ts'
import { all, witnesses } from './witness.ts'

const clients = Number(process.argv[2] ?? 10_000)
const MAX_TIME = 30_000
const MAX_DELAY = 200
const BATCH = 500

const options = { heartbeatInterval: 15_000 }
const first = await ServerProcess.start(options)
const those = []
for (let i = 0; i < clients; i += BATCH) {
  those.push(...witnesses(first.port, Math.min(BATCH, clients - i), 100))
  await all(those, ({ comet }) => comet.state === 'open')
}
say(`${clients} clients are there`)
await first.kill()
await all(those, ({ comet }) => comet.state !== 'open')
say('the server was killed, and all have noticed')
const second = await ServerProcess.start(options, { port: first.port })
say('it is there again')
const took = await all(those, ({ comet }) => comet.state === 'open', 2 * MAX_TIME)
const { delay, stats } = await second.tell<Sample>({ do: 'sample' })
const last = await second.tell<number[]>({ do: 'once', channels: 100 })
const told = await all(those, (one) => one.last === last[one.channel])
await second.kill()
verdict([
  [
    `all were back after ${((took ?? NaN) / 1000).toFixed(1)} s, of ${MAX_TIME / 1000}: ${JSON.stringify(stats.connections)}`,
    took !== undefined &&
    took <= MAX_TIME
  ],
  [`99 % of the delays of the event loop were below ${delay.toFixed(0)} ms, of ${MAX_DELAY}`, delay <= MAX_DELAY],
  ['all have the message that followed', told !== undefined],
  ['all were told of the restart', those.every(({ gaps }) => gaps.includes('restarted'))]
])
