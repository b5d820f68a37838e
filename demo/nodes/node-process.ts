import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { CometStats } from 'fastify-comet'
import { SETTINGS } from './messages.ts'
import type { NodeReport, NodeSettings, PublishRequest } from './messages.ts'

const RESTART_DELAY = 3000
const CLOSE_TIMEOUT = 3000

export interface NodeEvents {
  /** The node listens now, or has exited. */
  changed (): void
  /** The node exited before it listened. */
  failed (error: Error): void
  /** A publish request has been answered. `reason`: why it failed; `undefined`: it succeeded. */
  answered (number: number, reason?: string): void
}

/** A node: a separate process, which is restarted a few seconds after it exits. */
export class NodeProcess {
  readonly name: string
  /** the latest statistics; undefined while it is down or has not reported yet */
  stats: CometStats | undefined
  /** undefined while it is down */
  port: number | undefined
  readonly #program: string
  readonly #settings: NodeSettings
  readonly #events: NodeEvents
  #child: ChildProcess
  #restartTimer: NodeJS.Timeout | undefined
  #hasListened = false
  #isClosed = false

  constructor (program: string, settings: NodeSettings, events: NodeEvents) {
    this.name = settings.name
    this.#program = program
    this.#settings = settings
    this.#events = events
    this.#child = this.#start()
  }

  publish (request: PublishRequest): void {
    // A request that this node no longer receives is sent to the next one.
    if (this.#child.connected) this.#child.send(request, () => undefined)
  }

  /** Kills the node as a crash would. Resolves when it has exited. */
  async kill (): Promise<void> {
    if (this.#hasExited) return
    this.port = undefined
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  async close (): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#restartTimer)
    if (this.#hasExited) return
    const exited = once(this.#child, 'exit')
    // When the channel to its parent closes, the node shuts down gracefully.
    this.#child.disconnect()
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), CLOSE_TIMEOUT)
    await exited
    clearTimeout(deadline)
  }

  get #hasExited (): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #start (): ChildProcess {
    const env = { ...process.env, [SETTINGS]: JSON.stringify(this.#settings) }
    const child = fork(this.#program, [], { execArgv: [], env })
    child.on('message', (report: NodeReport) => { this.#receive(report) })
    child.on('error', () => { child.kill('SIGKILL') })
    child.once('exit', () => { this.#onExit() })
    return child
  }

  #receive (report: NodeReport): void {
    if (report.type === 'stats') this.stats = report.stats
    else if (report.type === 'published') this.#events.answered(report.number)
    else if (report.type === 'refused') this.#events.answered(report.number, report.reason)
    else {
      this.port = report.port
      this.#hasListened = true
      this.#events.changed()
    }
  }

  #onExit (): void {
    this.port = undefined
    this.stats = undefined
    this.#events.changed()
    if (!this.#hasListened) this.#events.failed(new Error(`Node ${this.name} of the demo does not start`))
    else if (!this.#isClosed) this.#restartTimer = setTimeout(() => { this.#child = this.#start() }, RESTART_DELAY)
  }
}
