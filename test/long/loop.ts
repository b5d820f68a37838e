// How long single requests hold the event loop of a server whose history is full, as another client of it sees that.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { type AddressInfo, connect, type Socket } from 'node:net'
import { fileURLToPath } from 'node:url'
import Fastify from 'fastify'
import comet from 'fastify-comet'
import { say, verdict } from './verdict.ts'

// The verdict's limits, ms: for one request, and for twenty at once.
const ONE = 50
const TWENTY = 100
const REPEATS = 3

interface History {
  readonly name: string
  readonly channels: number
  readonly messages: number
  readonly bytes: number
}

const HISTORIES: readonly History[] = [
  { name: '128 channels × 1,000 messages', channels: 128, messages: 1000, bytes: 60 },
  { name: '8 channels × 120 messages of 60 KB', channels: 8, messages: 120, bytes: 60_000 }
]

const file = fileURLToPath(import.meta.url)
const [role = '', ...args] = process.argv.slice(2)
if (role === 'serve') await serve(Number(args[0]), args[1] === 'gzip')
else if (role === 'probe') await probe(Number(args[0]), Number(args[1]))
else await measure()

async function serve (index: number, compress: boolean): Promise<void> {
  const { channels, messages, bytes } = HISTORIES[index] as History
  const app = Fastify()
  app.get('/ping', (_request, reply) => { reply.send('') })
  await app.register(comet, { serveClient: false, compress, historyBytes: 1_000_000_000, historyAge: 2_000_000_000 })
  for (let n = 0; n < messages; n++) {
    for (let channel = 0; channel < channels; channel++) await app.comet.publish(`c${channel}`, text(n, bytes))
  }
  await app.listen({ port: 0, host: '127.0.0.1' })
  process.on('disconnect', () => { process.exit() })
  process.send?.((app.server.address() as AddressInfo).port)
}

// Text that gzip makes a third of, as it does of JSON.
function text (n: number, bytes: number): string {
  let text = ''
  while (text.length < bytes) text += `${Math.imul(n + text.length, 2_654_435_761) >>> 0} price `
  return text.slice(0, bytes)
}

/**
 * Asks for nothing again and again, and tells how long the server computed, ms, before it answered the question for
 * which that was longest since it was asked last. What other processes take of the machine is not in it.
 */
async function probe (port: number, pid: number): Promise<void> {
  const socket = connect(port, '127.0.0.1').setNoDelay()
  let longest = 0
  let isAsked = false
  process.on('message', () => { isAsked = true })
  process.on('disconnect', () => { process.exit() })
  for (;;) {
    const start = computed(pid)
    socket.write('GET /ping HTTP/1.1\r\nhost: localhost\r\n\r\n')
    await once(socket, 'data')
    longest = Math.max(longest, computed(pid) - start)
    if (isAsked) {
      process.send?.(longest)
      longest = 0
      isAsked = false
    }
    await new Promise((resolve) => { setTimeout(resolve, 1) })
  }
}

/** CPU time of the main thread of a process, ms; where there is no /proc, the time. */
function computed (pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'latin1').split(' ')[0]) / 1e6
  } catch {
    return performance.now()
  }
}

async function measure (): Promise<void> {
  const findings: [string, boolean][] = []
  for (const [index, history] of HISTORIES.entries()) {
    for (const coding of ['plain', 'gzip']) {
      const [server, port] = await start('serve', String(index), coding)
      const [prober] = await start('probe', String(port), String(server.pid))
      for (const [name, path] of requestsFor(history)) {
        const request = `GET ${path} HTTP/1.1\r\nhost: localhost\r\n${coding === 'gzip'
          ? 'accept-encoding: gzip\r\n'
          : ''}\r\n`
        for (const [how, sockets, times, limit] of [
          ['one', 1, 1, ONE], ['20 in one segment', 1, 20, TWENTY], ['20 connections', 20, 1, TWENTY]
        ] as const) {
          const held = await longestOf(prober, port, request.repeat(times), sockets)
          findings.push([
            `${held.toFixed(0).padStart(4)} ms  ${history.name}, ${coding}: ${name}, ${how}`, held <= limit
          ])
          say(findings.at(-1)?.[0] ?? '')
        }
      }
      prober.kill()
      server.kill()
    }
  }
  verdict(findings)
}

async function start (...args: string[]): Promise<[ChildProcess, number]> {
  const child = fork(file, args)
  if (args[0] === 'probe') return [child, 0]
  const [port] = await once(child, 'message') as [number]
  return [child, port]
}

function requestsFor ({ channels }: History): [name: string, path: string][] {
  const names = Array.from({ length: channels }, (_, index) => `channel=c${index}`).join('&')
  const joins = Array.from({ length: channels }, (_, index) => `join=c${index}`).join('&')
  return ['eventsource', 'iframe', 'long-poll'].flatMap((transport): [string, string][] => [
    [`${transport}, earliest`, `/comet/${transport}?${names}&cursor=earliest`],
    [`${transport}, history`, `/comet/${transport}?${names}&history=1000`],
    [`${transport}, join`, `/comet/${transport}?${names}&${joins}&cursor=x-1&history=1000`]
  ])
}

/** The longest that the server computed before it answered somebody else, ms, in some runs. */
async function longestOf (prober: ChildProcess, port: number, bytes: string, sockets: number): Promise<number> {
  const delays: number[] = []
  for (let i = 0; i < REPEATS; i++) {
    await longest(prober)
    const open = Array.from({ length: sockets }, () => ask(port, bytes))
    await new Promise((resolve) => { setTimeout(resolve, 600) })
    delays.push(await longest(prober))
    for (const socket of open) socket.destroy()
    await new Promise((resolve) => { setTimeout(resolve, 50) })
  }
  return Math.max(...delays)
}

function ask (port: number, bytes: string): Socket {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => { /* it was refused: that is an answer too */ })
  socket.resume()
  socket.write(bytes)
  return socket
}

async function longest (prober: ChildProcess): Promise<number> {
  prober.send('')
  const [ms] = await once(prober, 'message') as [number]
  return ms
}
