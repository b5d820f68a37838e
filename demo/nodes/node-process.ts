import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import type { CometStats } from 'fastify-comet'
import { SETTINGS } from './messages.ts'
import type { NodeSettings, Order, Report } from './messages.ts'

const BACK_AFTER = 3000
const PATIENCE = 3000

export interface NodeEvents {
  /** It listens now, or is gone. */
  changed (): void
  /** It ended before it ever listened. */
  failed (error: Error): void
  /** What became of an order; undefined is well. */
  answered (number: number, reason?: string): void
}

/** A node: a process of its own, which is started again some seconds after it ended. */
export class NodeProcess {
  readonly name: string
  /** what it last said of itself; undefined when it is away or has said nothing yet */
  stats: CometStats | undefined
  /** undefined when it is away */
  port: number | undefined
  readonly #program: string
  readonly #settings: NodeSettings
  readonly #events: NodeEvents
  #child: ChildProcess
  #again: NodeJS.Timeout | undefined
  #hasListened = false
  #isClosed = false

  constructor (program: string, settings: NodeSettings, events: NodeEvents) {
    this.name = settings.name
    this.#program = program
    this.#settings = settings
    this.#events = events
    this.#child = this.#start()
  }

  publish (order: Order): void {
    // What cannot be told any more is told to the next node.
    if (this.#child.connected) this.#child.send(order, () => undefined)
  }

  /** Ends it without a word, as a crash would. Resolves when it is gone. */
  async kill (): Promise<void> {
    if (this.#hasExited) return
    this.port = undefined
    const exited = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exited
  }

  async close (): Promise<void> {
    this.#isClosed = true
    clearTimeout(this.#again)
    if (this.#hasExited) return
    const exited = once(this.#child, 'exit')
    // Without us it ends by itself, in good order.
    this.#child.disconnect()
    const deadline = setTimeout(() => this.#child.kill('SIGKILL'), PATIENCE)
    await exited
    clearTimeout(deadline)
  }

  get #hasExited (): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null
  }

  #start (): ChildProcess {
    const child = fork(this.#program, [], { execArgv: [], env: { ...process.env, [SETTINGS]: JSON.stringify(this.#settings) } })
    child.on('message', (report: Report) => { this.#hear(report) })
    child.on('error', () => { child.kill('SIGKILL') })
    child.once('exit', () => { this.#gone() })
    return child
  }

  #hear (report: Report): void {
    if (report.type === 'stats') this.stats = report.stats
    else if (report.type === 'published') this.#events.answered(report.number)
    else if (report.type === 'refused') this.#events.answered(report.number, report.reason)
    else {
      this.port = report.port
      this.#hasListened = true
      this.#events.changed()
    }
  }

  #gone (): void {
    this.port = undefined
    this.stats = undefined
    this.#events.changed()
    if (!this.#hasListened) this.#events.failed(new Error(`Node ${this.name} of the demo does not start`))
    else if (!this.#isClosed) this.#again = setTimeout(() => { this.#child = this.#start() }, BACK_AFTER)
  }
}
