// A browser for thousands of clients in one process: event streams, iframes and polls, over Node's own HTTP.
import { Agent, type ClientRequest, request } from 'node:http'
import type { Env } from '../../lib/client/env.ts'
import { createSseParser } from '../../lib/client/sse-parser.ts'
import { frameParser } from '../fixtures/frame-parsers.ts'

const open = new Set<ClientRequest>()

/** Cuts so many of the connections that are open, at random. */
export function cut (count: number): void {
  const all = [...open]
  for (let i = 0; i < count && all.length > 0; i++) all.splice(Math.floor(Math.random() * all.length), 1)[0]?.destroy(new Error('cut'))
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
    const push = createSseParser((data) => { this.onmessage?.({ data }) })
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

type MessageListener = (event: { source: unknown, origin: string, data: string }) => void

/** A page whose only elements are links and frames. */
class LightPage {
  readonly document = {
    readyState: 'complete',
    createElement: (name: string): unknown => name === 'a' ? new LightLink() : new LightFrame(),
    body: {
      appendChild: (frame: LightFrame): void => { frame.enter(this) },
      removeChild: (frame: LightFrame): void => { frame.leave() }
    }
  }

  readonly location: URL
  readonly #listeners = new Set<MessageListener>()

  constructor (origin: string) {
    this.location = new URL(origin)
  }

  addEventListener (type: string, listener: MessageListener): void {
    if (type === 'message') this.#listeners.add(listener)
  }

  removeEventListener (type: string, listener: MessageListener): void {
    if (type === 'message') this.#listeners.delete(listener)
  }

  /** A frame's document posts this. */
  post (source: LightFrame, data: string): void {
    for (const listener of this.#listeners) listener({ source, origin: this.location.origin, data })
  }
}

class LightLink {
  #url: URL | undefined

  get href (): string {
    return this.#url?.href ?? ''
  }

  set href (url: string) {
    this.#url = new URL(url)
  }

  get protocol (): string {
    return this.#url?.protocol ?? ''
  }

  get host (): string {
    return this.#url?.host ?? ''
  }
}

/** It posts what the script of its document would. That the document has ended, nobody is told. */
class LightFrame {
  readonly style = {}
  src = ''
  readonly contentWindow = this
  parentNode: LightPage['document']['body'] | null = null
  #request: ClientRequest | undefined

  enter (page: LightPage): void {
    this.parentNode = page.document.body
    const parse = frameParser('iframe')
    this.#request = track(request(this.src, { agent: false }))
    this.#request.on('response', (response) => {
      response.setEncoding('utf8').on('data', (text: string) => {
        for (const { frame } of parse(text)) page.post(this, JSON.stringify(frame))
      })
      response.on('error', () => { /* it was cut */ })
    })
    this.#request.on('error', () => { /* it was cut */ })
    this.#request.end()
  }

  leave (): void {
    this.parentNode = null
    this.#request?.destroy()
  }
}

/** For one client, whose page is of the server's own origin. */
export function createLightEnv (origin: string): Env {
  const page = new LightPage(origin)
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
    document: page.document,
    location: page.location,
    addEventListener: page.addEventListener.bind(page),
    removeEventListener: page.removeEventListener.bind(page)
  } as unknown as Env
}
