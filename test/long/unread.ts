// Answers that nobody reads, and requests that do not wait for theirs: what they take of a server's memory and time,
// and for how long: `npm run long -- unread`.
import { connect as connectSession } from 'node:http2'
import { connect, type Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Sample, ServerProcess } from './server-process.ts'
import { say, verdict } from './verdict.ts'

const HEARTBEAT = 2000
// Two heartbeats, and the time until that is seen.
const GIVEN_UP = 3 * HEARTBEAT
const MEGABYTE = 1_048_576
const POLL = '/comet/long-poll?channel=channel-0&cursor=earliest'
const findings: [string, boolean][] = []

await ahead()
await session()
await sockets()
verdict(findings)

/** 300 polls behind a stream, in one segment. */
async function ahead (): Promise<void> {
  const server = await filled()
  const before = await sample(server)
  const socket = quiet(connect({ port: server.port, host: '127.0.0.1' }))
  socket.write(['/comet/eventsource?channel=channel-1', ...Array.from({ length: 300 }, () => POLL)].map(request)
    .join(''))
  await sleep(1000)
  const after = await sample(server)
  report('300 polls sent ahead on one connection', before, after, after.buffers - before.buffers < 16 * MEGABYTE &&
    Math.min(after.worst, cpuBetween(before, after)) < 50)
  socket.destroy()
  await server.kill()
}

/** 90 polls on one session of HTTP/2 that read nothing. */
async function session (): Promise<void> {
  const server = await filled({ http2: true })
  const before = await sample(server)
  const session = connectSession(`http://127.0.0.1:${server.port}`)
  session.on('error', () => { /* it is ended */ })
  for (let i = 0; i < 90; i++) session.request({ ':path': POLL }).on('error', () => { /* it is reset */ })
  await sleep(HEARTBEAT)
  const at = await sample(server)
  await sleep(GIVEN_UP)
  const after = await sample(server)
  report('90 unread polls on one HTTP/2 session, after one heartbeat', before, at, true)
  report('the same, after two heartbeats', before, after, after.buffers - before.buffers < 8 * MEGABYTE)
  session.destroy()
  await server.kill()
}

/** 40 connections with an unread poll each. */
async function sockets (): Promise<void> {
  const server = await filled()
  const before = await sample(server)
  const sockets = Array.from({ length: 40 }, () => quiet(connect({ port: server.port, host: '127.0.0.1' })))
  for (const socket of sockets) socket.pause().write(request(POLL))
  await sleep(HEARTBEAT)
  const at = await sample(server)
  await sleep(GIVEN_UP)
  const after = await sample(server)
  report('40 unread polls on a connection each, after one heartbeat', before, at, true)
  report('the same, after two heartbeats', before, after, after.buffers - before.buffers < 8 * MEGABYTE)
  for (const socket of sockets) socket.destroy()
  await server.kill()
}

/** A server with 1.2 MB on one channel. */
async function filled (settings: { http2?: boolean } = {}): Promise<ServerProcess> {
  const server = await ServerProcess.start({ heartbeatInterval: HEARTBEAT }, settings)
  await server.tell({ do: 'fill', messages: 20, bytes: 60_000 })
  await sample(server)
  return server
}

interface Taken extends Sample {
  /** µs, before and after the sample, which takes some itself */
  readonly cpu: readonly [before: number, after: number]
}

async function sample (server: ServerProcess): Promise<Taken> {
  const cpuTime = (): Promise<number> => server.tell<number>({ do: 'tell the CPU time' })
  const before = await cpuTime()
  const taken = await server.tell<Sample>({ do: 'sample' })
  return { ...taken, cpu: [before, await cpuTime()] }
}

/**
 * ms of the server's CPU between two samples: where the machine is busy, the event loop stands still for longer than
 * that.
 */
function cpuBetween (before: Taken, after: Taken): number {
  return (after.cpu[0] - before.cpu[1]) / 1000
}

function report (what: string, before: Taken, after: Taken, isRight: boolean): void {
  const grown = (key: 'buffers' | 'heap' | 'rss'): string =>
    `${key} ${((after[key] - before[key]) / MEGABYTE).toFixed(1)} MiB`
  const text = [
    `${what}: ${grown('buffers')}, ${grown('heap')}, ${grown('rss')} more`,
    `${cpuBetween(before, after).toFixed(0)} ms of CPU, the event loop stood still for ${after.worst.toFixed(0)} ms at most`,
    `${after.stats.rejected} refused`
  ].join('; ')
  say(text)
  findings.push([text, isRight])
}

function request (path: string): string {
  return `GET ${path} HTTP/1.1\r\nhost: localhost\r\n\r\n`
}

function quiet (socket: Socket): Socket {
  return socket.on('error', () => { /* it is reset */ })
}
