import { fileURLToPath } from 'node:url'
import { buildApp } from './app.ts'
import type { ClusterOptions } from './nodes/cluster.ts'
import { parseCommandLine } from './nodes/command-line.ts'
import { startBroker } from './nodes/broker.ts'

// An empty HOST would mean all addresses of the machine, so it counts as not set.
const host = process.env.HOST || '127.0.0.1'
const port = Number(process.env.PORT || 3000)

if (!Number.isInteger(port) || port < 0 || port > 65535) {
  fail(`PORT must be a whole number from 0 to 65535, got "${process.env.PORT}"`)
}

const cluster = await clusterOptions()
const app = await buildApp({ lanePort: lanePort(), nodes: cluster })

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => { app.close().catch((error: unknown) => fail(String(error))) })
}

try {
  const nodes = cluster === undefined ? '' : `, on ${cluster.count} nodes over ${cluster.broker.name},`
  console.log(`The demo${nodes} is at ${await app.listen({ host, port })}`)
} catch (error) {
  await app.close()
  fail(explain(error))
}

function explain (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (!('code' in error)) return error.message
  if (error.code === 'EADDRINUSE') {
    return `Port ${port} on ${host} is in use. Choose another one: PORT=${port + 1} npm start`
  }
  if (error.code === 'EACCES') {
    return `Port ${port} on ${host} requires more privileges. Choose one above 1023: PORT=3000 npm start`
  }
  return error.message
}

function fail (message: string): never {
  console.error(message)
  process.exit(1)
}

function lanePort (): number {
  return port === 0 || port > 65_000 ? 0 : port + 1
}

async function clusterOptions (): Promise<ClusterOptions | undefined> {
  try {
    const request = parseCommandLine(process.argv.slice(2))
    if (request === undefined) return undefined
    const broker = await startBroker(request.broker, request.url)
    return { count: request.nodes, broker, program: fileURLToPath(new URL('./node.js', import.meta.url)) }
  } catch (error) {
    fail(explain(error))
  }
}
