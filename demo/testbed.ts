import { setTimeout as pause } from 'node:timers/promises'
import { Gate } from './fault-proxy.ts'
import { LANE_NAMES } from './lanes.ts'
import type { LaneName, LanePorts, Mode, ServerNews, StageState } from './lanes.ts'
import { HISTORY_BYTES, Live } from './backend.ts'
import type { Backstage } from './backend.ts'
import { Publisher } from './publisher.ts'

const NEWS_EVERY = 1000
const UNHEARD = { beats: 20, ms: 1000 }
const BALLAST = 'x'.repeat(60 * 1024)
const BALLASTS = Math.ceil(HISTORY_BYTES / BALLAST.length) + 1

export interface StageOptions {
  /** where the lanes' ports are opened */
  host: string
  /** the first lane's port, the others follow; 0 is any. A port that is taken is replaced by any other one */
  port: number
  /** origins of the pages that may listen */
  origins: readonly string[]
  /** Starts what is behind the gates. Default: one live server. */
  backstage?: ((origins: readonly string[]) => Promise<Backstage>) | undefined
}

/** The side-by-side demo behind its page: a live server (or several nodes), a gate in front of it for each lane, and what can be done to them. */
export class Stage {
  readonly ports: LanePorts
  readonly publisher: Publisher
  readonly #live: Backstage
  readonly #gates: Record<LaneName, Gate>
  readonly #news: NodeJS.Timeout
  #mode: Mode = 'pass'
  #until = 0
  #ending: NodeJS.Timeout | undefined

  private constructor (live: Backstage, gates: Record<LaneName, Gate>, ports: LanePorts, failed: (error: unknown) => void) {
    this.#live = live
    this.#gates = gates
    this.ports = ports
    this.publisher = new Publisher((beat) => { live.publish('live', beat).catch(failed) }, 10, 100)
    this.publisher.start()
    this.#news = setInterval(() => { live.publish('server', this.#tell()).catch(failed) }, NEWS_EVERY)
  }

  /** @param failed told of what could not be published */
  static async start ({ host, port, origins, backstage = Live.start }: StageOptions, failed: (error: unknown) => void): Promise<Stage> {
    const live = await backstage(origins)
    const gates = each(() => new Gate(() => live.port))
    const ports = each(() => 0)
    for (const [index, lane] of LANE_NAMES.entries()) {
      ports[lane] = await gates[lane].listen(host, port === 0 ? 0 : port + index)
    }
    return new Stage(live, gates, ports, failed)
  }

  get state (): StageState {
    const left = this.#mode === 'pass' ? 0 : Math.max(0, Math.round(this.#until - performance.now()))
    return { rate: this.publisher.rate, size: this.publisher.size, mode: this.#mode, left }
  }

  cut (): void {
    for (const gate of Object.values(this.#gates)) gate.cut()
  }

  /** Stalls every lane for so long; 0 ends it. Connections that are open fall silent. */
  stall (ms: number): void {
    this.#setMode('stall', ms)
  }

  /** Puts a buffering proxy in front of every lane for so long; 0 ends it. As with any new proxy, connections are made anew. */
  buffer (ms: number): void {
    this.#setMode('buffer', ms)
    this.cut()
  }

  async restart (): Promise<void> {
    await this.#live.restart()
  }

  /** Publishes some beats while nobody is connected, and forgets them. */
  async forget (): Promise<void> {
    this.#setMode('stall', UNHEARD.ms)
    this.cut()
    this.publisher.burst(UNHEARD.beats)
    // What nobody listens to fills the history, so that everything else falls out of it.
    await Promise.all(Array.from({ length: BALLASTS }, () => this.#live.publish('ballast', BALLAST)))
    await pause(UNHEARD.ms)
  }

  /** Ends one of several nodes, which comes back by itself. @returns false where there is none to spare */
  kill (): boolean {
    return this.#live.kill()
  }

  /** Where the live server, or the balancer of the nodes, listens. */
  get livePort (): number {
    return this.#live.port
  }

  publish (channel: string, data: unknown): Promise<unknown> {
    return this.#live.publish(channel, data)
  }

  async close (): Promise<void> {
    clearInterval(this.#news)
    clearTimeout(this.#ending)
    this.publisher.stop()
    await Promise.all([this.#live.close(), ...Object.values(this.#gates).map((gate) => gate.close())])
  }

  #setMode (mode: Mode, ms: number): void {
    clearTimeout(this.#ending)
    this.#mode = ms > 0 ? mode : 'pass'
    this.#until = performance.now() + ms
    for (const gate of Object.values(this.#gates)) gate.setMode(this.#mode)
    if (ms > 0) this.#ending = setTimeout(() => this.#setMode('pass', 0), ms)
  }

  #tell (): ServerNews {
    const wire: ServerNews['wire'] = {}
    for (const lane of LANE_NAMES) {
      for (const [page, cost] of this.#gates[lane].meter.read()) (wire[page] ??= {})[lane] = cost
    }
    const { stats, nodes } = this.#live
    return { ...stats && { stats }, nodes, stage: this.state, wire }
  }
}

function each<T> (make: () => T): Record<LaneName, T> {
  return { iframe: make(), 'long-poll': make(), eventsource: make(), auto: make() }
}
