// What clients leave behind that make up a secret for each poll: `npm run long -- strangers [clients]`.
import { Agent, get } from 'node:http'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Fastify from 'fastify'
import comet from 'fastify-comet'
import { say, verdict } from './verdict.ts'

const clients = Number(process.argv[2] ?? 10_000)
const CHANNELS = 128
const WIDTH = 16
const MAX_BYTES = 1500 // a client
const MAX_DELAY = 50 // ms
const GRACE = 60_000 // longer than the polls take, ms
const agent = new Agent({ keepAlive: true, maxSockets: WIDTH })

interface Outcome {
  readonly kept: number
  readonly left: number
  readonly listing: number
  readonly delay: number
}

const findings: [string, boolean][] = []
for (const [what, name] of [['the same channels', () => 'room'], ['channels of its own', (i: number) =>
  `room-of-client-${i}`]] as const) {
  const { kept, left, listing, delay } = await run(name)
  const each = kept / clients
  findings.push(
    [`${what}: ${each.toFixed(0)} bytes a client are kept`, each < MAX_BYTES],
    [`${what}: after their time ${(left / clients).toFixed(0)} bytes a client are kept`, left / clients < 100],
    [
      `${what}: the event loop stood still for ${delay.toFixed(1)} ms at most while they were forgotten`,
      delay < MAX_DELAY
    ],
    [`${what}: subscribers() took ${listing.toFixed(1)} ms`, true]
  )
}
agent.destroy()
verdict(findings)

async function run (name: (i: number) => string): Promise<Outcome> {
  const app = Fastify()
  await app.register(comet, { presenceGrace: GRACE, authorizeInterval: GRACE, authorize: () => ({ user: 'ann' }) })
  await app.listen({ port: 0, host: '127.0.0.1' })
  const { port } = app.server.address() as { port: number }
  await polls(port, 100, () => 'warm')
  const before = await used()
  const start = performance.now()
  await polls(port, clients, name)
  const kept = await used() - before
  say(`${clients} polls in ${((performance.now() - start) / 1000).toFixed(1)} s, ${(kept / 1e6).toFixed(1)} MB kept`)
  const begin = performance.now()
  const listed = app.comet.subscribers(`${name(clients - 1)}-0`).length
  const listing = performance.now() - begin
  say(`${listed} subscribers listed in ${listing.toFixed(1)} ms`)
  const delay = await standstill(GRACE + 2000)
  const left = await used() - before
  await app.close()
  return { kept, left, listing, delay }
}

/** The longest time that the event loop stood still within so many ms. */
async function standstill (ms: number): Promise<number> {
  const delays = monitorEventLoopDelay({ resolution: 1 })
  delays.enable()
  await pause(ms)
  delays.disable()
  return delays.max / 1e6
}

async function polls (port: number, count: number, name: (i: number) => string): Promise<void> {
  let next = 0
  await Promise.all(Array.from({ length: WIDTH }, async () => {
    for (let i = next++; i < count; i = next++) await poll(port, i, name(i))
  }))
}

function poll (port: number, i: number, name: string): Promise<void> {
  const channels = Array.from({ length: CHANNELS }, (_, n) => `channel=${name}-${n}`)
  const path = `/comet/long-poll?client=${`${i}`.padStart(32, 'c')}&${channels.join('&')}`
  return new Promise((resolve, reject) => {
    get({ port, host: '127.0.0.1', path, agent }, (response) => {
      response.resume().on('end', resolve)
    }).on('error', reject)
  })
}

function pause (ms: number): Promise<void> {
  return new Promise((resolve) => { setTimeout(resolve, ms) })
}

// The sweep of the history looks at its channels once a second, and holds what it has not looked at yet.
async function used (): Promise<number> {
  for (let i = 0; i < 5; i++) {
    await pause(500)
    globalThis.gc?.()
  }
  return process.memoryUsage().heapUsed
}
