import { buildApp } from './app.ts'

// An empty HOST would mean every address of the machine, so that it counts as not given.
const host = process.env.HOST || '127.0.0.1'
const port = Number(process.env.PORT || 3000)

if (!Number.isInteger(port) || port < 0 || port > 65535) fail(`PORT is "${process.env.PORT}", it must be a whole number from 0 to 65535`)

const app = await buildApp({ lanePort: lanePort() })

for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.once(signal, () => { app.close().catch((error: unknown) => fail(String(error))) })
}

try {
  console.log(`The demo is at ${await app.listen({ host, port })}`)
} catch (error) {
  await app.close()
  fail(explain(error))
}

function explain (error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) return String(error)
  if (error.code === 'EADDRINUSE') return `Port ${port} on ${host} is taken. Choose another one: PORT=${port + 1} npm start`
  if (error.code === 'EACCES') return `Port ${port} on ${host} needs more rights. Choose one above 1023: PORT=3000 npm start`
  return error.message
}

function fail (message: string): never {
  console.error(message)
  process.exit(1)
}

function lanePort (): number {
  return port === 0 || port > 65_000 ? 0 : port + 1
}
