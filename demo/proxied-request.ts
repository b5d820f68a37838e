import { Agent, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProxyMode } from './lanes.ts'

const MAX_BUFFERED_BYTES = 8 * 1024 * 1024
// A server that is being restarted resets its last requests. A GET can be sent to the new server once more.
const MAX_ATTEMPTS = 2
// These headers apply to one connection only, and each side of the proxy has its own.
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding'])

const agent = new Agent({ keepAlive: true })

/** One request through a proxy. Depending on the mode, the server's response is forwarded, buffered, or paused. */
export class ProxiedRequest {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #port: () => number
  readonly #onUpstream: (upstream: IncomingMessage) => void
  #mode: ProxyMode
  #upstream: IncomingMessage | undefined
  #attempts = 0
  #hasEnded = false
  #chunks: Buffer[] = []
  #bufferedBytes = 0

  /** @param onUpstream called when the server's response begins */
  constructor (
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    port: () => number,
    mode: ProxyMode,
    onUpstream: (upstream: IncomingMessage) => void
  ) {
    this.#request = incoming
    this.#response = outgoing
    this.#port = port
    this.#mode = mode
    this.#onUpstream = onUpstream
    outgoing.on('drain', () => this.#upstream?.resume())
    this.setMode(mode)
  }

  setMode (mode: ProxyMode): void {
    this.#mode = mode
    if (mode === 'stall') this.#upstream?.pause()
    else if (this.#attempts > 0) this.#upstream?.resume()
    else this.#send()
    this.#forward()
  }

  #send (): void {
    this.#attempts++
    const { method, url, headers } = this.#request
    const sent = request({ host: '127.0.0.1', port: this.#port(), method, path: url, headers, agent })
    sent.on('response', (upstream) => this.#receive(upstream))
    sent.on('error', () => this.#fail())
    this.#response.once('close', () => sent.destroy())
    if (method === 'GET') sent.end()
    else this.#request.pipe(sent)
  }

  #receive (upstream: IncomingMessage): void {
    this.#upstream = upstream
    this.#onUpstream(upstream)
    upstream.on('data', (chunk: Buffer) => {
      this.#chunks.push(chunk)
      this.#bufferedBytes += chunk.length
      this.#forward()
    })
    upstream.on('end', () => {
      this.#hasEnded = true
      this.#forward()
    })
    upstream.on('error', () => this.#response.destroy())
    this.#forward()
  }

  /** Forwards what the mode allows. */
  #forward (): void {
    const upstream = this.#upstream
    if (upstream === undefined || this.#response.destroyed) return
    if (this.#mode === 'stall') upstream.pause()
    else if (this.#mode === 'pass' || this.#hasEnded) this.#flush(upstream)
    else if (this.#bufferedBytes > MAX_BUFFERED_BYTES) upstream.pause()
  }

  #flush (upstream: IncomingMessage): void {
    if (!this.#response.headersSent) this.#sendHead(upstream)
    for (const chunk of this.#chunks) {
      if (!this.#response.write(chunk)) upstream.pause()
    }
    this.#chunks = []
    this.#bufferedBytes = 0
    if (this.#hasEnded) this.#response.end()
  }

  #sendHead (upstream: IncomingMessage): void {
    for (const [name, value] of Object.entries(upstream.headers)) {
      if (value !== undefined && !HOP_BY_HOP.has(name)) this.#response.setHeader(name, value)
    }
    this.#response.writeHead(upstream.statusCode ?? 502)
    this.#response.flushHeaders()
  }

  #fail (): void {
    if (this.#response.destroyed) return
    if (this.#response.headersSent) this.#response.destroy()
    else if (this.#canRetry()) this.#send()
    else this.#sendBadGateway()
  }

  #canRetry (): boolean {
    return this.#upstream === undefined && this.#attempts < MAX_ATTEMPTS && this.#request.method === 'GET'
  }

  // Readable for pages of other origins too; otherwise they could not tell it from a broken connection.
  #sendBadGateway (): void {
    const headers = { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }
    this.#response.writeHead(502, headers).end()
  }
}
