// A browser for thousands of clients in one process: event streams, iframes and polls, over Node's own HTTP.
import { Agent, type ClientRequest, request } from 'node:http'
import type { Env } from '../../lib/client/browser/env.ts'
import { createSseParser } from '../../lib/client/connection/sse-parser.ts'
import { LightPage, pageEnv } from '../fixtures/light-page.ts'

const open = new Set<ClientRequest>()

/** Cuts so many of the connections that are open, at random. */
export function cut (count: number): void {
  const all = [...open]
  for (let i = 0; i < count && all.length > 0; i++) {
    all.splice(Math.floor(Math.random() * all.length), 1)[0]?.destroy(new Error('cut'))
  }
}

function track (outgoing: ClientRequest): ClientRequest {
  open.add(outgoing)
  return outgoing.on('close', () => { open.delete(outgoing) })
}

const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: Infinity })

class LightSource {
  onmessage: ((event: { data: string }) => void) | null = null
  onerror: (() => void) | null = null
  readonly #request: ClientRequest

  constructor (url: string) {
    const push = createSseParser(({ data }) => { this.onmessage?.({ data }) })
    this.#request = track(request(url, { agent: false }))
    this.#request.on('response', (response) => {
      response.setEncoding('utf8').on('data', (text: string) => { push(text) })
      for (const end of ['end', 'error']) response.on(end, () => { this.#fail() })
    })
    this.#request.on('error', () => { this.#fail() })
    this.#request.end()
  }

  /** The client listens to its own type of event as it does to messages. */
  addEventListener (): void {}

  close (): void {
    this.onmessage = this.onerror = null
    this.#request.destroy()
  }

  #fail (): void {
    this.onerror?.()
  }
}

class LightRequest {
  readyState = 0
  status = 0
  responseText = ''
  withCredentials = false
  onreadystatechange: (() => void) | null = null
  #request: ClientRequest | undefined
  #retryAfter: string | undefined

  open (method: string, url: string): void {
    this.#request = track(request(url, { method, agent }))
  }

  setRequestHeader (): void {}

  getResponseHeader (): string | null {
    return this.#retryAfter ?? null
  }

  send (): void {
    this.#request?.on('response', (response) => {
      this.#retryAfter = response.headers['retry-after']
      response.setEncoding('utf8').on('data', (text: string) => { this.responseText += text })
      response.on('end', () => { this.#done(response.statusCode ?? 0) })
      response.on('error', () => { this.#done(0) })
    })
    this.#request?.on('error', () => { this.#done(0) })
    this.#request?.end()
  }

  abort (): void {
    this.#request?.destroy()
  }

  #done (status: number): void {
    this.readyState = 4
    this.status = status
    this.onreadystatechange?.()
  }
}

/** For one client, whose page is of the server's own origin. */
export function createLightEnv (origin: string): Env {
  return {
    Math,
    Date,
    Promise,
    crypto,
    console,
    setTimeout,
    clearTimeout,
    EventSource: LightSource,
    XMLHttpRequest: LightRequest,
    ...pageEnv(new LightPage(origin, (url) => track(request(url, { agent: false }))))
  } as unknown as Env
}
