import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'

/** What the kernel publishes about the sockets of this network namespace. */
export interface SocketSource {
  /** files in the form of /proc/net/tcp and /proc/net/tcp6; none where the system has none */
  readonly tables: readonly string[]
  /** a file in the form of /proc/net/netstat */
  readonly counters: string
  /** CPU time that this process has taken, ms */
  cpu (): number
}

export const linux: SocketSource = {
  tables: ['/proc/net/tcp', '/proc/net/tcp6'].filter((table) => existsSync(table)),
  counters: '/proc/net/netstat',
  cpu () {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** A socket whose other side has not acknowledged what was sent to it several times. */
export interface Retransmitting {
  readonly address: string
  readonly port: number
  /** how often the oldest unacknowledged segment has been sent again */
  readonly times: number
  /** since it was first sent, ms */
  readonly silence: number
}

// How long the table may hold the event loop at a time, ms. The kernel writes about 27 lines a read, in 0.07 ms.
const SLICE = 1
const BUFFER_BYTES = 16_384

/**
 * Reads all tables and calls back for each socket that is retransmitting. Yields to the event loop after each millisecond,
 * and ends early once `signal` is aborted. Returns the CPU time that it took, ms.
 */
export async function readTables ({ tables, cpu }: SocketSource, signal: AbortSignal, onSocket: (socket: Retransmitting) => void): Promise<number> {
  let spent = 0
  for (const table of tables) {
    const fd = openSync(table, 'r')
    try {
      const reader = new LineReader(fd)
      for (let isDone = false; !isDone && !signal.aborted;) {
        const before = cpu()
        isDone = readSlice(reader, onSocket)
        spent += cpu() - before
        await nextTurn()
      }
    } finally {
      closeSync(fd)
    }
  }
  return spent
}

/** How many retransmission timers have expired so far in this namespace; `undefined` where the kernel does not count them. */
export function expiredTimers ({ counters }: SocketSource): number | undefined {
  const [names = [], values = []] = readFileSync(counters, 'latin1').split('\n').filter((line) => line.startsWith('TcpExt:')).map((line) => line.split(' '))
  const value = values[names.indexOf('TCPTimeouts')]
  return value === undefined ? undefined : Number(value)
}

function readSlice (reader: LineReader, onSocket: (socket: Retransmitting) => void): boolean {
  const end = performance.now() + SLICE
  do {
    if (!reader.read((buffer, start, end) => { take(buffer, start, end, onSocket) })) return true
  } while (performance.now() < end)
  return false
}

/** The lines of a file, without a string for each. */
class LineReader {
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  readonly #fd: number
  #used = 0

  constructor (fd: number) {
    this.#fd = fd
  }

  /** Reads once, and calls back with where each line is. Returns whether there may be more. */
  read (onLine: (buffer: Buffer, start: number, end: number) => void): boolean {
    const buffer = this.#buffer
    const count = readSync(this.#fd, buffer, this.#used, buffer.length - this.#used, null)
    if (count === 0) return false
    const used = this.#used + count
    let start = 0
    for (let end = lineEnd(buffer, start, used); end >= 0; end = lineEnd(buffer, start, used)) {
      onLine(buffer, start, end)
      start = end + 1
    }
    buffer.copyWithin(0, start, used)
    this.#used = used - start
    return true
  }
}

function lineEnd (buffer: Buffer, start: number, used: number): number {
  const end = buffer.indexOf(NEWLINE, start)
  return end < used ? end : -1
}

const NEWLINE = 10
const COLON = 58
const ZERO = 48
const ONE = 49

// https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html: after the line's number and a colon all columns have a
// fixed width up to the timer; an address has 8 digits, or 32.
const TIMER = { short: 51, long: 99 }
const LINE = /: [\dA-F]+:[\dA-F]{4} ([\dA-F]+):([\dA-F]{4}) [\dA-F]{2} \S+ 01:([\dA-F]{8}) ([\dA-F]{8}) +\d+ +\d+ \d+ \d+ \S+ (\d+)/
// of the clock that the table counts in, ms
const TICK = 10

function take (buffer: Buffer, start: number, end: number, onSocket: (socket: Retransmitting) => void): void {
  let colon = start
  while (colon < end && buffer[colon] !== COLON) colon++
  const timer = colon + (buffer[colon + 10] === COLON ? TIMER.short : TIMER.long)
  // Timer 1: something is sent again. Of a hundred thousand sockets a handful get past this line.
  if (timer >= end || buffer[timer] !== ZERO || buffer[timer + 1] !== ONE) return
  const [, address = '', port = '', when = '', count = '', timeout = ''] = LINE.exec(buffer.toString('latin1', colon, end)) ?? []
  const times = parseInt(count, 16)
  // The timeout is doubled each time; it runs out in `when`.
  const silence = Number(timeout) * (2 - 2 ** -times) - parseInt(when, 16)
  if (times > 0) onSocket({ address, port: parseInt(port, 16), times, silence: silence * TICK })
}
