import { setTimeout as pause } from 'node:timers/promises'
import { HISTORY_BYTES, SingleServer } from './backend.ts'
import type { Backend } from './backend.ts'
import { FaultProxy } from './fault-proxy.ts'
import { LANE_NAMES } from './lanes.ts'
import type { LaneName, LanePorts, ProxyMode, ServerStatus, TestbedState } from './lanes.ts'
import { Publisher } from './publisher.ts'

const STATUS_INTERVAL = 1000
/** The messages that `forget` loses, and how long nobody is connected, ms. */
const FORGOTTEN = { messages: 20, ms: 1000 }
const FILLER = 'x'.repeat(60 * 1024)
const FILLERS = Math.ceil(HISTORY_BYTES / FILLER.length) + 1

export interface TestbedOptions {
  /** The address on which the lanes' ports are opened. */
  host: string
  /** The first lane's port, the others follow; 0 is any. A port that is taken is replaced by any free one. */
  port: number
  /** The origins of the pages that may subscribe. */
  origins: readonly string[]
  /** Starts what is behind the proxies. Default: one live server. */
  startBackend?: ((origins: readonly string[]) => Promise<Backend>) | undefined
}

/**
 * The server side of the side-by-side demo: a live server or several nodes, a proxy in front of it for each lane, the
 * publisher, and the faults that the page can cause.
 */
export class Testbed {
  readonly ports: LanePorts
  readonly publisher: Publisher
  readonly #backend: Backend
  readonly #proxies: Record<LaneName, FaultProxy>
  readonly #statusTimer: NodeJS.Timeout
  #mode: ProxyMode = 'pass'
  #modeEndsAt = 0
  #modeTimer: NodeJS.Timeout | undefined

  private constructor (
    backend: Backend,
    proxies: Record<LaneName, FaultProxy>,
    ports: LanePorts,
    onError: (error: unknown) => void
  ) {
    this.#backend = backend
    this.#proxies = proxies
    this.ports = ports
    this.publisher = new Publisher((message) => { backend.publish('live', message).catch(onError) }, 10, 100)
    this.publisher.start()
    this.#statusTimer = setInterval(() => {
      backend.publish('server', this.#status()).catch(onError)
    }, STATUS_INTERVAL)
  }

  /** @param onError called when a publish fails */
  static async start (options: TestbedOptions, onError: (error: unknown) => void): Promise<Testbed> {
    const { host, port, origins, startBackend = SingleServer.start } = options
    const backend = await startBackend(origins)
    const proxies = forEachLane(() => new FaultProxy(() => backend.port))
    const ports = forEachLane(() => 0)
    for (const [index, lane] of LANE_NAMES.entries()) {
      ports[lane] = await proxies[lane].listen(host, port === 0 ? 0 : port + index)
    }
    return new Testbed(backend, proxies, ports, onError)
  }

  get state (): TestbedState {
    const left = this.#mode === 'pass' ? 0 : Math.max(0, Math.round(this.#modeEndsAt - performance.now()))
    return { rate: this.publisher.rate, size: this.publisher.size, mode: this.#mode, left }
  }

  /** Cuts all connections of all lanes. */
  cut (): void {
    for (const proxy of Object.values(this.#proxies)) proxy.cut()
  }

  /** Stalls every lane for `ms`; 0 ends the stall. Open connections fall silent. */
  stall (ms: number): void {
    this.#setMode('stall', ms)
  }

  /** Puts a buffering proxy in front of every lane for `ms`; 0 ends it. Connections are cut, as by any new proxy. */
  buffer (ms: number): void {
    this.#setMode('buffer', ms)
    this.cut()
  }

  async restart (): Promise<void> {
    await this.#backend.restart()
  }

  /** Publishes some messages while nobody is connected, and evicts them from the history. */
  async forget (): Promise<void> {
    this.#setMode('stall', FORGOTTEN.ms)
    this.cut()
    this.publisher.burst(FORGOTTEN.messages)
    // Messages on a channel without subscribers fill the history and evict everything else.
    await Promise.all(Array.from({ length: FILLERS }, () => this.#backend.publish('filler', FILLER)))
    await pause(FORGOTTEN.ms)
  }

  /** Kills one of several nodes, which restarts by itself. @returns false if there is only one */
  kill (): boolean {
    return this.#backend.kill()
  }

  /** The port of the live server, or of the nodes' balancer. */
  get backendPort (): number {
    return this.#backend.port
  }

  publish (channel: string, data: unknown): Promise<unknown> {
    return this.#backend.publish(channel, data)
  }

  async close (): Promise<void> {
    clearInterval(this.#statusTimer)
    clearTimeout(this.#modeTimer)
    this.publisher.stop()
    await Promise.all([this.#backend.close(), ...Object.values(this.#proxies).map((proxy) => proxy.close())])
  }

  #setMode (mode: ProxyMode, ms: number): void {
    clearTimeout(this.#modeTimer)
    this.#mode = ms > 0 ? mode : 'pass'
    this.#modeEndsAt = performance.now() + ms
    for (const proxy of Object.values(this.#proxies)) proxy.setMode(this.#mode)
    if (ms > 0) this.#modeTimer = setTimeout(() => this.#setMode('pass', 0), ms)
  }

  #status (): ServerStatus {
    const traffic: ServerStatus['traffic'] = {}
    for (const lane of LANE_NAMES) {
      for (const [page, ofPage] of this.#proxies[lane].meter.read()) (traffic[page] ??= {})[lane] = ofPage
    }
    const { stats, nodes } = this.#backend
    return { ...stats && { stats }, nodes, testbed: this.state, traffic }
  }
}

function forEachLane<T> (make: () => T): Record<LaneName, T> {
  return { iframe: make(), 'long-poll': make(), eventsource: make(), auto: make() }
}
