// A server in a process of its own, for the long tests to load, stop, starve and kill. It does what it is told by
// messages.
import { readdirSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import Fastify, { type FastifyInstance } from 'fastify'
import comet from 'fastify-comet'
import type { Order, Sample, ServerSettings } from './server-process.ts'

const { options, port, refuses, http2 } = JSON.parse(process.argv[2] ?? '{}') as ServerSettings
// The types of the two servers differ in what nothing here looks at.
const app = http2 === true ? Fastify({ http2 }) as unknown as FastifyInstance : Fastify({ forceCloseConnections: true })
const authorize = (): never => { throw Object.assign(new Error('not allowed'), { statusCode: refuses }) }
await app.register(comet, { serveClient: false, ...options, ...(refuses === undefined ? {} : { authorize }) })
const delay = monitorEventLoopDelay({ resolution: 10 })
const counts: number[] = []
let publishing: NodeJS.Timeout | undefined

process.on('message', (order: Order) => {
  perform(order).then((answer) => process.send?.(answer ?? {})).catch((error: unknown) => { console.error(error) })
})
// Without its parent nobody needs it.
process.on('disconnect', () => { process.exit() })

await app.listen({ port, host: '127.0.0.1', backlog: 4096 })
delay.enable()
process.send?.({ port: (app.server.address() as AddressInfo).port })

async function perform (order: Order): Promise<unknown> {
  switch (order.do) {
    case 'publish': return publish(order.channels, order.rate)
    case 'rest': return clearInterval(publishing)
    case 'once': return await Promise.all(Array.from({ length: order.channels }, (_, channel) => publishOn(channel)))
    case 'fill': return await fill(order.messages, order.bytes)
    case 'sample': return sample()
    case 'tell the CPU time': return cpuTime()
    case 'block': return block(order.ms)
    case 'turn the clock back': return turnBack(order.ms)
  }
}

/** So many messages a second, on one channel after the other. */
function publish (channels: number, rate: number): void {
  clearInterval(publishing)
  const start = performance.now()
  let done = 0
  publishing = setInterval(() => {
    // After a pause it does not make up for what it missed.
    const due = Math.min(done + rate, Math.floor((performance.now() - start) * rate / 1000))
    for (; done < due; done++) publishOn(done % channels).catch((error: unknown) => { console.error(error) })
  }, 10)
}

async function publishOn (channel: number): Promise<number> {
  const n = counts[channel] = (counts[channel] ?? 0) + 1
  await app.comet.publish(`channel-${channel}`, n)
  return n
}

async function fill (messages: number, bytes: number): Promise<void> {
  for (let i = 0; i < messages; i++) await app.comet.publish('channel-0', 'x'.repeat(bytes))
}

function sample (): Sample {
  const worst = delay.max / 1e6
  const delayed = delay.percentile(99) / 1e6
  for (let i = 0; i < 4; i++) globalThis.gc?.()
  delay.reset()
  return {
    heap: process.memoryUsage().heapUsed,
    buffers: process.memoryUsage().arrayBuffers,
    rss: process.memoryUsage().rss,
    files: readdirSync('/proc/self/fd').length,
    listeners: [process, app.server].flatMap((emitter) =>
      emitter.eventNames().map((name) => emitter.listenerCount(name as string))).reduce((a, b) => a + b),
    timers: process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length,
    delay: delayed,
    worst,
    stats: app.comet.stats()
  }
}

function cpuTime (): number {
  const { user, system } = process.cpuUsage()
  return user + system
}

function block (ms: number): void {
  const end = performance.now() + ms
  while (performance.now() < end);
}

// The wall clock of this process alone.
function turnBack (ms: number): void {
  const now = Date.now
  Date.now = () => now() - ms
}
