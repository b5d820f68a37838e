import { Agent, request } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Mode } from './lanes.ts'

const MAX_HELD_BYTES = 8 * 1024 * 1024
// A server that is being restarted resets what it was asked last: what only asks can be asked of the new one.
const MAX_ASKED = 2
// They speak of one connection only, and each side of the relay has its own.
const HOP_BY_HOP = new Set(['connection', 'keep-alive', 'transfer-encoding'])

const agent = new Agent({ keepAlive: true })

/** One request on its way through a gate: what the server answers goes on, is held back, or waits, as the mode says. */
export class Relay {
  readonly #request: IncomingMessage
  readonly #response: ServerResponse
  readonly #port: () => number
  readonly #answered: (answer: IncomingMessage) => void
  #mode: Mode
  #answer: IncomingMessage | undefined
  #asked = 0
  #ended = false
  #held: Buffer[] = []
  #heldBytes = 0

  /** @param answered told of the server's answer as it begins */
  constructor (incoming: IncomingMessage, outgoing: ServerResponse, port: () => number, mode: Mode, answered: (answer: IncomingMessage) => void) {
    this.#request = incoming
    this.#response = outgoing
    this.#port = port
    this.#mode = mode
    this.#answered = answered
    outgoing.on('drain', () => this.#answer?.resume())
    this.setMode(mode)
  }

  setMode (mode: Mode): void {
    this.#mode = mode
    if (mode === 'stall') this.#answer?.pause()
    else if (this.#asked > 0) this.#answer?.resume()
    else this.#ask()
    this.#move()
  }

  #ask (): void {
    this.#asked++
    const { method, url, headers } = this.#request
    const upstream = request({ host: '127.0.0.1', port: this.#port(), method, path: url, headers, agent })
    upstream.on('response', (answer) => this.#receive(answer))
    upstream.on('error', () => this.#fail())
    this.#response.once('close', () => upstream.destroy())
    if (method === 'GET') upstream.end()
    else this.#request.pipe(upstream)
  }

  #receive (answer: IncomingMessage): void {
    this.#answer = answer
    this.#answered(answer)
    answer.on('data', (chunk: Buffer) => {
      this.#held.push(chunk)
      this.#heldBytes += chunk.length
      this.#move()
    })
    answer.on('end', () => {
      this.#ended = true
      this.#move()
    })
    answer.on('error', () => this.#response.destroy())
    this.#move()
  }

  #move (): void {
    const answer = this.#answer
    if (answer === undefined || this.#response.destroyed) return
    if (this.#mode === 'stall') answer.pause()
    else if (this.#mode === 'pass' || this.#ended) this.#letGo(answer)
    else if (this.#heldBytes > MAX_HELD_BYTES) answer.pause()
  }

  #letGo (answer: IncomingMessage): void {
    if (!this.#response.headersSent) this.#sendHead(answer)
    for (const chunk of this.#held) {
      if (!this.#response.write(chunk)) answer.pause()
    }
    this.#held = []
    this.#heldBytes = 0
    if (this.#ended) this.#response.end()
  }

  #sendHead (answer: IncomingMessage): void {
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value !== undefined && !HOP_BY_HOP.has(name)) this.#response.setHeader(name, value)
    }
    this.#response.writeHead(answer.statusCode ?? 502)
    this.#response.flushHeaders()
  }

  #fail (): void {
    const { destroyed, headersSent } = this.#response
    if (destroyed) return
    if (headersSent) this.#response.destroy()
    else if (this.#answer === undefined && this.#asked < MAX_ASKED && this.#request.method === 'GET') this.#ask()
    // Readable for pages of other origins too, or they could not tell it from a broken connection.
    else this.#response.writeHead(502, { 'access-control-allow-origin': '*', 'access-control-expose-headers': 'retry-after' }).end()
  }
}
