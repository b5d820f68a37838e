import { closeSync, existsSync, openSync, readFileSync, readSync } from 'node:fs'
import { setImmediate as nextTick } from 'node:timers/promises'

/** Files in which the kernel publishes the state of the sockets of this network namespace. */
export interface SocketSource {
  /** files in the form of /proc/net/tcp and /proc/net/tcp6; none where the system has none */
  readonly tables: readonly string[]
  /** a file in the form of /proc/net/netstat */
  readonly counters: string
  /** The CPU time that this process has used, ms. */
  cpu (): number
}

/** The files of Linux; without tables on other systems. */
export const kernelFiles: SocketSource = {
  tables: ['/proc/net/tcp', '/proc/net/tcp6'].filter((table) => existsSync(table)),
  counters: '/proc/net/netstat',
  cpu () {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
}

/** A socket whose other side has not acknowledged a segment that was sent several times. */
export interface Retransmitting {
  readonly address: string
  readonly port: number
  /** the number of retransmissions of the oldest unacknowledged segment */
  readonly times: number
  /** the time since that was first sent, ms */
  readonly silence: number
}

// The longest that reading holds the event loop at a time, ms. The kernel returns about 27 lines a read, in 0.07 ms.
const SLICE = 1
const BUFFER_BYTES = 16_384

/**
 * Reads all tables and calls back for each socket that is retransmitting. Yields to the event loop after each
 * millisecond, and ends early once `signal` is aborted. Resolves to the CPU time that it took, in ms.
 */
export async function readTables (
  { tables, cpu }: SocketSource, signal: AbortSignal, onSocket: (socket: Retransmitting) => void
): Promise<number> {
  let spent = 0
  for (const table of tables) {
    const fd = openSync(table, 'r')
    try {
      const reader = new LineReader(fd)
      for (let isDone = false; !isDone && !signal.aborted;) {
        const before = cpu()
        isDone = readSlice(reader, onSocket)
        spent += cpu() - before
        await nextTick()
      }
    } finally {
      closeSync(fd)
    }
  }
  return spent
}

/**
 * The number of retransmission timers that have expired in this namespace; `undefined` if the kernel does not count
 * them.
 */
export function expiredTimers ({ counters }: SocketSource): number | undefined {
  const lines = readFileSync(counters, 'latin1').split('\n').filter((line) => line.startsWith('TcpExt:'))
  const [names = [], values = []] = lines.map((line) => line.split(' '))
  const value = values[names.indexOf('TCPTimeouts')]
  return value === undefined ? undefined : Number(value)
}

function readSlice (reader: LineReader, onSocket: (socket: Retransmitting) => void): boolean {
  const end = performance.now() + SLICE
  do {
    if (!reader.read((buffer, start, end) => { parseLine(buffer, start, end, onSocket) })) return true
  } while (performance.now() < end)
  return false
}

/** Finds the lines of a file without making a string of each. */
class LineReader {
  readonly #buffer = Buffer.allocUnsafe(BUFFER_BYTES)
  readonly #fd: number
  #used = 0

  constructor (fd: number) {
    this.#fd = fd
  }

  /** Reads once, and calls back with the place of each line in the buffer. Returns whether there may be more. */
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

// https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html: after the line's number and a colon all columns
// have a fixed width up to the timer; an address has 8 digits, or 32.
const TIMER = { short: 51, long: 99 }
const LOCAL = ': [\\dA-F]+:[\\dA-F]{4}'
const PEER = '([\\dA-F]+):([\\dA-F]{4})'
const RETRANSMISSION = '[\\dA-F]{2} \\S+ 01:([\\dA-F]{8}) ([\\dA-F]{8})'
const LINE = new RegExp(`${LOCAL} ${PEER} ${RETRANSMISSION} +\\d+ +\\d+ \\d+ \\d+ \\S+ (\\d+)`)
// The unit of the table's times, ms.
const TICK = 10

function parseLine (buffer: Buffer, start: number, end: number, onSocket: (socket: Retransmitting) => void): void {
  let colon = start
  while (colon < end && buffer[colon] !== COLON) colon++
  const timer = colon + (buffer[colon + 10] === COLON ? TIMER.short : TIMER.long)
  // Timer 1 is the retransmission timer. Of a hundred thousand sockets, a handful pass this line.
  if (timer >= end || buffer[timer] !== ZERO || buffer[timer + 1] !== ONE) return
  const line = buffer.toString('latin1', colon, end)
  const [, address = '', port = '', when = '', count = '', timeout = ''] = LINE.exec(line) ?? []
  const times = parseInt(count, 16)
  // The timeout doubles each time; the current one expires in `when`.
  const silence = Number(timeout) * (2 - 2 ** -times) - parseInt(when, 16)
  if (times > 0) onSocket({ address, port: parseInt(port, 16), times, silence: silence * TICK })
}
