import { once } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { NODE_HEADER } from './backend.ts'
import type { ProxyMode } from './lanes.ts'
import { ProxiedRequest } from './proxied-request.ts'
import { TrafficMeter } from './traffic-meter.ts'

/**
 * A small reverse proxy in front of the live server that can misbehave on request: `pass` forwards everything, `buffer`
 * holds each response back until it is complete, `stall` accepts requests and stays silent.
 */
export class FaultProxy {
  readonly meter = new TrafficMeter()
  readonly #server: Server
  readonly #requests = new Set<ProxiedRequest>()
  readonly #port: () => number
  #mode: ProxyMode = 'pass'

  /** @param port returns the port on which the live server listens now */
  constructor (port: () => number) {
    this.#port = port
    this.#server = createServer((request, response) => this.#proxy(request, response))
  }

  /** Listens on the preferred port, or on any free one where that is taken. Returns the port. */
  async listen (host: string, preferred: number): Promise<number> {
    try {
      await this.#listen(host, preferred)
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EADDRINUSE')) throw error
      await this.#listen(host, 0)
    }
    return (this.#server.address() as AddressInfo).port
  }

  setMode (mode: ProxyMode): void {
    this.#mode = mode
    for (const request of this.#requests) request.setMode(mode)
  }

  /** Cuts every connection without closing it properly. */
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

  #proxy (request: IncomingMessage, response: ServerResponse): void {
    const page = pageOf(request)
    this.meter.countRequest(page, request.socket)
    const proxied = new ProxiedRequest(request, response, this.#port, this.#mode, ({ headers }) => {
      const node = headers[NODE_HEADER]
      if (typeof node === 'string') this.meter.countResponse(page, node)
    })
    this.#requests.add(proxied)
    response.once('close', () => this.#requests.delete(proxied))
  }
}

function pageOf (request: IncomingMessage): string {
  const page = new URL(request.url ?? '/', 'http://proxy').searchParams.get('page') ?? ''
  return /^[\w-]{1,64}$/.test(page) ? page : 'others'
}
