// As many connections as the loopback interface takes, one after the other.
import { connect } from 'node:net'

/** What became of them. */
export interface Flood {
  opened: number
  /** left by us right after the request */
  aborted: number
  /** answered with 503 */
  refused: number
  /** of the refusals: what their Retry-After said, s; NaN where there was none */
  readonly retries: Map<number, number>
  /** other answers: their status lines */
  readonly others: Map<string, number>
  /** that never got through */
  failed: number
}

/** How many are under way at a time. */
const WIDTH = 64
// Loopback addresses to come from: each has its own ports, of which a closed connection may keep one for a minute.
const ADDRESSES = 50

/** Asks for polls for so many ms; every second connection is aborted without waiting for the answer. */
export async function flood (port: number, ms: number): Promise<Flood> {
  const flood: Flood = { opened: 0, aborted: 0, refused: 0, retries: new Map(), others: new Map(), failed: 0 }
  const end = performance.now() + ms
  await Promise.all(Array.from({ length: WIDTH }, async () => {
    while (performance.now() < end) await open(port, flood)
  }))
  return flood
}

async function open (port: number, flood: Flood): Promise<void> {
  const n = flood.opened++
  const isAborted = n % 2 === 0
  const head = await ask(port, `127.0.1.${1 + n % ADDRESSES}`, isAborted)
  if (head === undefined) flood.failed++
  else if (isAborted) flood.aborted++
  else if (head.startsWith('HTTP/1.1 503 ')) {
    flood.refused++
    count(flood.retries, Number(/^retry-after: (\d+)\r$/im.exec(head)?.[1]))
  } else count(flood.others, head.slice(0, head.indexOf('\r')))
}

/** The head of the answer to a poll; nothing where there was no connection. */
function ask (port: number, localAddress: string, isAborted: boolean): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1', localAddress })
    socket.on('error', () => { resolve(undefined) })
    socket.on('connect', () => {
      socket.write('GET /comet/long-poll?channel=channel-0 HTTP/1.1\r\nhost: localhost\r\n\r\n', () => {
        if (isAborted) leave('')
      })
    })
    socket.on('data', (bytes) => { leave(String(bytes)) })
    const leave = (head: string): void => {
      socket.resetAndDestroy()
      resolve(head)
    }
  })
}

function count<K> (counts: Map<K, number>, key: K): void {
  counts.set(key, (counts.get(key) ?? 0) + 1)
}
