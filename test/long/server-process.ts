// The server of the long tests, seen from outside.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { CometOptions, CometStats } from 'fastify-comet'

export interface ServerSettings {
  readonly options: CometOptions
  readonly port: number
  /** a status: that of `authorize`, which then lets nobody in */
  readonly refuses?: number | undefined
  /** without TLS */
  readonly http2?: boolean | undefined
}

export type Order =
  | { do: 'publish', channels: number, rate: number }
  | { do: 'rest' | 'sample' }
  /** Answered with µs. */
  | { do: 'tell the CPU time' }
  /** One message on each channel. Answered with its number on each. */
  | { do: 'once', channels: number }
  /** Messages of so many bytes, on one channel. */
  | { do: 'fill', messages: number, bytes: number }
  | { do: 'block' | 'turn the clock back', ms: number }

export interface Sample {
  /** bytes, after a collection */
  readonly heap: number
  /** bytes */
  readonly buffers: number
  readonly rss: number
  readonly files: number
  readonly listeners: number
  readonly timers: number
  /** ms, the 99th percentile since the last sample */
  readonly delay: number
  /** ms, the longest since the last sample */
  readonly worst: number
  readonly stats: CometStats
}

// Beside this file, as source or as it was bundled.
const file = fileURLToPath(new URL(`./server.${import.meta.url.endsWith('.ts') ? 'ts' : 'mjs'}`, import.meta.url))

export class ServerProcess {
  readonly port: number
  readonly #child: ChildProcess

  /** `files`: how many descriptors it may have. */
  static async start (
    options: CometOptions,
    { port = 0, files, refuses, http2 }: { port?: number, files?: number, refuses?: number, http2?: boolean } = {}
  ): Promise<ServerProcess> {
    const settings: ServerSettings = { options, port, refuses, http2 }
    const limit = files === undefined ? [] : ['prlimit', `--nofile=${files}:${files}`]
    const [command = '', ...args] = [
      ...limit,
      process.execPath,
      '--expose-gc',
      ...process.execArgv.filter((arg) => arg !== '--expose-gc'),
      file,
      JSON.stringify(settings)
    ]
    const child = spawn(command, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    // Each order waits for its end too.
    child.setMaxListeners(0)
    const [message] = await Promise.race([once(child, 'message'), failure(child)]) as [{ port: number }]
    return new ServerProcess(child, message.port)
  }

  private constructor (child: ChildProcess, port: number) {
    this.#child = child
    this.port = port
  }

  /** Gives an order and resolves with its answer. One at a time. */
  async tell<T = unknown> (order: Order): Promise<T> {
    this.#child.send(order)
    const [answer] = await Promise.race([once(this.#child, 'message'), failure(this.#child)]) as [T]
    return answer
  }

  signal (signal: 'SIGSTOP' | 'SIGCONT'): void {
    this.#child.kill(signal)
  }

  async kill (): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this.#child, 'exit')
    this.#child.kill('SIGKILL')
    await exit
  }
}

async function failure (child: ChildProcess): Promise<never> {
  const [code, signal] = await once(child, 'exit') as [number | null, string | null]
  throw new Error(`the server has ended with ${String(code ?? signal)}`)
}
