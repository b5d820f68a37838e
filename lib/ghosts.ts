import { createReadStream, existsSync } from 'node:fs'
import { SocketAddress } from 'node:net'

// Linux only: elsewhere there is nobody to ask.
const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'].filter((table) => existsSync(table))

// https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html: the address of the other side, timer 1 (something is
// sent again), how often it has been by now, and how long the next answer is waited for, in hundredths of a second.
const RETRANSMITTING = /^ *\d+: [\dA-F]+:[\dA-F]{4} ([\dA-F]+):([\dA-F]{4}) [\dA-F]{2} \S+ 01:\S+ ([\dA-F]{8}) +\d+ +\d+ \d+ \d+ \S+ (\d+)/gm
const TICK = 10

// With shorter heartbeats than this, ms, it does not look more often.
const LEAST_HEARTBEAT = 2000
const AFTER_ERROR = 3_600_000

/** The other side of a socket. */
export interface Peer {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/**
 * Finds the clients that have vanished without a word while something was on its way to them. TCP would go on sending it
 * for a quarter of an hour, and suspends its keepalive meanwhile; what Node shows of a socket looks well all the time.
 */
export class Ghosts {
  readonly #heartbeat: number
  readonly #tables: readonly string[]
  readonly #onFound: (peers: ReadonlySet<string>) => void
  readonly #onError: (error: unknown) => void
  #looksAt = 0
  #looking: Promise<void> | undefined

  /** `heartbeat`: ms; nobody who has vanished is there for two of them. `onFound` is given peers as `peerOf` names them. */
  constructor (heartbeat: number, onFound: (peers: ReadonlySet<string>) => void, onError: (error: unknown) => void, tables = TABLES) {
    this.#heartbeat = Math.max(LEAST_HEARTBEAT, heartbeat)
    this.#onFound = onFound
    this.#onError = onError
    this.#tables = tables
  }

  /** Looks, four times a heartbeat. */
  tick (now: number): void {
    if (now < this.#looksAt || this.#looking !== undefined) return
    this.#looksAt = now + this.#heartbeat / 4
    this.#looking = this.#look().catch((error: unknown) => {
      // It will hardly work the next time.
      this.#looksAt = now + AFTER_ERROR
      this.#onError(error)
    }).finally(() => { this.#looking = undefined })
  }

  /** Resolves when it has done looking. */
  async close (): Promise<void> {
    await this.#looking
  }

  async #look (): Promise<void> {
    const peers = new Set<string>()
    for (const table of this.#tables) {
      let rest = ''
      for await (const chunk of createReadStream(table, 'latin1')) {
        const text: string = rest + chunk
        const end = text.lastIndexOf('\n')
        rest = text.slice(end + 1)
        silentIn(text.slice(0, end), this.#heartbeat / 3, peers)
      }
    }
    if (peers.size > 0) this.#onFound(peers)
  }
}

/** How a socket's other side is named here. */
export function peerOf ({ remoteAddress, remotePort }: Peer): string {
  return `${remoteAddress} ${remotePort}`
}

/** Adds those who have acknowledged nothing for so many ms. */
function silentIn (lines: string, ms: number, peers: Set<string>): void {
  for (const [, address = '', port = '', count = '', timeout = ''] of lines.matchAll(RETRANSMITTING)) {
    const times = parseInt(count, 16)
    // It is doubled each time.
    const silence = Number(timeout) * TICK * (1 - 2 ** -times)
    if (times > 1 && silence >= ms) peers.add(peerOf({ remoteAddress: addressOf(address), remotePort: parseInt(port, 16) }))
  }
}

// Words of four bytes, the last one first.
function addressOf (hex: string): string {
  const bytes = (hex.match(/.{8}/g) as string[]).flatMap((word) => [...Buffer.from(word, 'hex')].reverse())
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => Buffer.from(bytes).readUInt16BE(2 * i).toString(16))
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address
}
