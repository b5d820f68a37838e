import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Mode } from './lanes.ts'
import { NODE_HEADER } from './backend.ts'
import { Meter } from './traffic-meter.ts'
import { Relay } from './proxied-request.ts'

/**
 * A small reverse proxy in front of the live server that can be told to misbehave: `pass` is a good proxy, `buffer` holds
 * each answer back until it is complete, `stall` accepts and stays silent.
 */
export class Gate {
  readonly meter = new Meter()
  readonly #server: Server
  readonly #relays = new Set<Relay>()
  readonly #port: () => number
  #mode: Mode = 'pass'

  /** @param port where the live server listens now */
  constructor (port: () => number) {
    this.#port = port
    this.#server = createServer((request, response) => this.#relay(request, response))
  }

  /** Listens on the wished port, or on any where that one is taken. Returns the port. */
  async listen (host: string, wished: number): Promise<number> {
    try {
      await this.#listen(host, wished)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
      await this.#listen(host, 0)
    }
    return (this.#server.address() as AddressInfo).port
  }

  setMode (mode: Mode): void {
    this.#mode = mode
    for (const relay of this.#relays) relay.setMode(mode)
  }

  /** Cuts every connection, without a word. */
  cut (): void {
    this.#server.closeAllConnections()
  }

  async close (): Promise<void> {
    if (!this.#server.listening) return
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async #listen (host: string, port: number): Promise<void> {
    const listening = once(this.#server, 'listening')
    this.#server.listen({ host, port })
    await listening
  }

  #relay (request: IncomingMessage, response: ServerResponse): void {
    const page = pageOf(request)
    this.meter.request(page, request.socket)
    const relay = new Relay(request, response, this.#port, this.#mode, ({ headers }) => {
      const node = headers[NODE_HEADER]
      if (typeof node === 'string') this.meter.answered(page, node)
    })
    this.#relays.add(relay)
    response.once('close', () => this.#relays.delete(relay))
  }
}

function pageOf (request: IncomingMessage): string {
  const page = new URL(request.url ?? '/', 'http://gate').searchParams.get('page') ?? ''
  return /^[\w-]{1,64}$/.test(page) ? page : 'others'
}
