// What a connection costs the server that is let in, and what one that is not: `npm run long -- refused [connections]`.
import { connect } from 'node:net'
import { ServerProcess } from './server-process.ts'
import { say, verdict } from './verdict.ts'

const connections = Number(process.argv[2] ?? 500)
const ROUNDS = 9
const WIDTH = 20

// A poll is answered at once where it has no cursor: what is compared is a connection from its first byte to its last.
const TRANSPORTS = ['eventsource', 'iframe', 'long-poll']
const ACCEPTED = 'let in'

const servers: Record<string, ServerProcess> = {
  [ACCEPTED]: await ServerProcess.start({}),
  'one of too many (maxConnections)': await full({ maxConnections: 1 }),
  'one of too many from an address (maxConnectionsPerAddress)': await full({ maxConnectionsPerAddress: 1 }),
  'not allowed (401 by authorize)': await ServerProcess.start({}, { refuses: 401 })
}
const costs = new Map<string, number[]>()

for (let round = 0; round <= ROUNDS; round++) {
  for (const [what, server] of Object.entries(servers)) {
    for (const transport of TRANSPORTS) {
      const cost = await measure(server, transport)
      // The first round is for the compiler.
      if (round > 0) costs.set(`${transport} ${what}`, [...costs.get(`${transport} ${what}`) ?? [], cost])
    }
  }
  say(`round ${round} of ${ROUNDS}`)
}
for (const server of Object.values(servers)) await server.kill()
verdict(TRANSPORTS.flatMap((transport) => Object.keys(servers).map((what) => {
  const cost = median(costs.get(`${transport} ${what}`))
  const accepted = median(costs.get(`${transport} ${ACCEPTED}`))
  return [
    `${transport}, ${what}: ${cost.toFixed(0)} µs of CPU, ${(cost / accepted).toFixed(2)} of one let in`,
    what === ACCEPTED || cost < accepted
  ] as const
})))

/** A server with one connection, which is all that it takes. */
async function full (
  options: { maxConnections: number } | { maxConnectionsPerAddress: number }
): Promise<ServerProcess> {
  const server = await ServerProcess.start(options)
  await ask(server.port, 'eventsource', () => { /* it stays */ })
  return server
}

/** µs of the server's CPU for each of some connections. */
async function measure (server: ServerProcess, transport: string): Promise<number> {
  const before = await server.tell<number>({ do: 'tell the CPU time' })
  let left = connections
  await Promise.all(Array.from({ length: WIDTH }, async () => {
    while (left-- > 0) await ask(server.port, transport, (leave) => { leave() })
  }))
  return (await server.tell<number>({ do: 'tell the CPU time' }) - before) / connections
}

/** Resolves when the answer has begun; `then` may leave. */
function ask (port: number, transport: string, then: (leave: () => void) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1' })
    socket.on('error', reject)
    socket.once('data', () => {
      then(() => { socket.resetAndDestroy() })
      resolve()
    })
    socket.write(`GET /comet/${transport}?channel=channel-0 HTTP/1.1\r\nhost: localhost\r\n\r\n`)
  })
}

function median (values: number[] = []): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN
}
