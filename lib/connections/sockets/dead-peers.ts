import { SocketAddress } from 'node:net'
import { expiredTimers, kernelFiles, readTables, type Retransmitting, type SocketSource } from './socket-table.ts'

// Heartbeats shorter than this, ms, count as this long.
const LEAST_HEARTBEAT = 2000
// Reading is not tried again for this long after an error, ms.
const AFTER_ERROR = 3_600_000
// The share of a core that reading may take; with the ticks of the event loop that it needs, that makes half a per
// cent.
const SHARE = 0.004

/** The other side of a socket. */
export interface Peer {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/**
 * Finds the peers that have vanished silently while data was on its way to them. TCP would retransmit the data for a
 * quarter of an hour, and suspends its keepalive meanwhile; Node shows nothing unusual about the socket. On Linux, the
 * kernel's table of sockets shows the retransmissions.
 *
 * A vanished peer is found within two heartbeats: at most one passes before something is sent to it, a third of one
 * until its silence counts, and half of one until the next look. If the table is so large that this would take more
 * than 0.5 % of a core, the looks are further apart.
 */
export class DeadPeerDetector {
  readonly #heartbeat: number
  readonly #source: SocketSource
  readonly #onFound: (peers: ReadonlySet<string>) => void
  readonly #onError: (error: unknown) => void
  readonly #closing = new AbortController()
  #hasConnections = false
  #looksAt = 0
  #failedUntil = 0
  #looking: Promise<void> | undefined
  #expired: number | undefined
  #isRetransmitting = false

  /** `heartbeat`: ms. `onFound` is called with peers as `peerOf` names them. */
  constructor (
    heartbeat: number, onFound: (peers: ReadonlySet<string>) => void, onError: (error: unknown) => void,
    source = kernelFiles
  ) {
    this.#heartbeat = Math.max(LEAST_HEARTBEAT, heartbeat)
    this.#onFound = onFound
    this.#onError = onError
    this.#source = source
  }

  /** Looks if a look is due; `count` is the number of connections. */
  tick (now: number, count: number): void {
    if (this.#looking !== undefined || this.#source.tables.length === 0 || now < this.#failedUntil) return
    const isFirst = count > 0 && !this.#hasConnections
    this.#hasConnections = count > 0
    if (count === 0 || (!isFirst && now < this.#looksAt)) return
    this.#looking = (isFirst ? this.#begin(now) : this.#look(now)).catch((error: unknown) => {
      // The next attempt would hardly succeed.
      this.#failedUntil = now + AFTER_ERROR
      this.#onError(error)
    }).finally(() => { this.#looking = undefined })
  }

  /** Resolves once no look is under way. */
  async settled (): Promise<void> {
    await this.#looking
  }

  /** Stops looking. */
  async close (): Promise<void> {
    this.#closing.abort()
    await this.settled()
  }

  // A connection that begins now is sent a heartbeat after one interval, and silence counts a third of one later.
  async #begin (now: number): Promise<void> {
    this.#looksAt = now + this.#heartbeat * 4 / 3
    this.#isRetransmitting = false
    this.#expired = expiredTimers(this.#source)
  }

  async #look (now: number): Promise<void> {
    this.#looksAt = now + this.#heartbeat / 2
    if (!this.#mayFind()) return
    const peers = new Set<string>()
    this.#isRetransmitting = false
    const cost = await readTables(this.#source, this.#closing.signal, (socket) => {
      this.#isRetransmitting = true
      if (socket.times > 1 && socket.silence >= this.#heartbeat / 3) peers.add(nameOf(socket))
    })
    this.#looksAt = now + Math.max(this.#heartbeat / 2, cost / SHARE)
    if (peers.size > 0 && !this.#closing.signal.aborted) this.#onFound(peers)
  }

  /** Whether any socket of the machine has begun to retransmit since the last look, or was retransmitting then. */
  #mayFind (): boolean {
    const before = this.#expired
    this.#expired = expiredTimers(this.#source)
    return this.#isRetransmitting || this.#expired === undefined || this.#expired !== before
  }
}

/** The name of a socket's other side: address and port. */
export function peerOf ({ remoteAddress, remotePort }: Peer): string {
  return `${remoteAddress} ${remotePort}`
}

function nameOf ({ address, port }: Retransmitting): string {
  return peerOf({ remoteAddress: addressOf(address), remotePort: port })
}

// Words of four bytes, the last one first.
function addressOf (hex: string): string {
  const bytes = (hex.match(/.{8}/g) as string[]).flatMap((word) => [...Buffer.from(word, 'hex')].reverse())
  if (bytes.length === 4) return bytes.join('.')
  const groups = Array.from({ length: 8 }, (_, i) => Buffer.from(bytes).readUInt16BE(2 * i).toString(16))
  return new SocketAddress({ family: 'ipv6', address: groups.join(':') }).address
}
