// The tab's side of a shared connection: the worker does everything. If there is no worker, or it does not answer, the
// tab has a session of its own.

import { copy } from '../browser/dictionary.ts'
import { attempt } from '../browser/env.ts'
import type { CometError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { LocalSubscriber } from '../delivery/subscriber.ts'
import type { Link } from '../link.ts'
import type { Settings } from '../options.ts'
import { resolveCallback } from '../connection/request.ts'
import { Session } from '../session.ts'
import { absolute } from '../connection/transports/iframe.ts'
import type { CredentialKind, FromTab, HubName, PlainError, ToTab } from './messages.ts'

/** How long a worker may take until its first message, in ms. */
const WORKER_TIMEOUT = 2000

interface Subscription {
  readonly subscriber: LocalSubscriber
  unsubscribe (): void
}

/**
 *     idle ──► asking ──► attached        any of them ──► closed
 *                │           │
 *                └──► alone ◄┘ the worker fails
 */
type LinkState =
  /** Nobody has subscribed. */
  | { readonly kind: 'idle' }
  /** The worker has not answered yet. Null: there is none. */
  | { readonly kind: 'asking', readonly port: MessagePort | null, readonly timer: number }
  | { readonly kind: 'attached', readonly port: MessagePort }
  /** The tab has a session of its own. */
  | { readonly kind: 'alone', readonly session: Link }
  | { readonly kind: 'closed' }

/** A connection that tabs share. Where they cannot, it is this tab's own. */
export class SharedLink implements Link {
  readonly #settings: Settings
  readonly #emit: Emit
  readonly #subscriptions: Record<number, Subscription> = {}
  #state: LinkState = { kind: 'idle' }
  #position: string | null = null
  #lastId = 0

  /** Asks for a worker when the first subscriber comes. */
  constructor (settings: Settings, emit: Emit) {
    this.#settings = settings
    this.#emit = emit
  }

  at (): string | null {
    return this.#state.kind === 'alone' ? this.#state.session.at() : this.#position
  }

  subscribe (subscriber: LocalSubscriber): () => void {
    const state = this.#state
    if (state.kind === 'alone') return state.session.subscribe(subscriber)
    const id = ++this.#lastId
    const unsubscribe = () => { this.#send({ do: 'unsubscribe', id }) }
    const subscription = this.#subscriptions[id] = { subscriber, unsubscribe }
    if (state.kind === 'idle') this.#connect()
    this.#send({ do: 'subscribe', id, channel: subscriber.channel, history: subscriber.history })
    return () => {
      delete this.#subscriptions[id]
      subscription.unsubscribe()
    }
  }

  close (): void {
    const state = this.#state
    if (state.kind === 'alone') return state.session.close()
    this.#disconnect()
    this.#state = { kind: 'closed' }
    this.#emit('state', 'closed')
  }

  #send (message: FromTab): void {
    const state = this.#state
    if ('port' in state && state.port) state.port.postMessage(message)
  }

  #connect (): void {
    const { env, url, options, params, headers } = this.#settings
    const fallBack = () => { this.#fallBack() }
    const worker = attempt(() => {
      const href = absolute(env.document as Document, url).href
      const name: HubName = { version: 3, url: href, options, params: !!params, headers: !!headers }
      return new (env.SharedWorker as typeof SharedWorker)(url + '/worker.js', JSON.stringify(name))
    })
    // Without a worker, after the task too: it makes no difference to the subscribers.
    const timer = env.setTimeout(fallBack, worker ? WORKER_TIMEOUT : 0)
    this.#state = { kind: 'asking', port: worker ? worker.port : null, timer }
    if (!worker) return
    worker.onerror = fallBack
    worker.port.onmessage = (event) => { this.#receive(event.data as ToTab) }
    this.#emit('state', 'connecting')
    const page = env as unknown as Window
    page.addEventListener('pagehide', (event) => { if (!event.persisted) this.#send({ do: 'closed' }) })
  }

  #disconnect (): void {
    this.#stopTimer()
    this.#send({ do: 'closed' })
  }

  #stopTimer (): void {
    if (this.#state.kind === 'asking') this.#settings.env.clearTimeout(this.#state.timer)
  }

  /** There is no worker, or it does not answer: the subscribers move to a session of this tab. */
  #fallBack (): void {
    if (/alone|closed/.test(this.#state.kind)) return
    this.#disconnect()
    const session = new Session(this.#settings, this.#emit)
    this.#state = { kind: 'alone', session }
    for (const id in this.#subscriptions) {
      const subscription = this.#subscriptions[id] as Subscription
      subscription.unsubscribe = session.subscribe(subscription.subscriber)
    }
  }

  #receive (message: ToTab): void {
    const state = this.#state
    if (!('port' in state) || !state.port) return
    this.#stopTimer()
    this.#state = { kind: 'attached', port: state.port }
    this.#position = message.cursor
    if (message.do === 'frame') {
      const subscription = this.#subscriptions[message.id]
      if (subscription) subscription.subscriber.onFrame(message.frame)
    } else if (message.do === 'ask') this.#answer(message.question, message.kind)
    else {
      const { name, value, error } = message
      this.#emit(name, name === 'error' ? revive(value) : value, error && revive(error))
    }
  }

  #answer (question: number, kind: CredentialKind): void {
    const failed = (reason: unknown) => { this.#send({ do: 'answer', question, error: String(reason) }) }
    resolveCallback(this.#settings, kind, failed, (value) => {
      try {
        this.#send({ do: 'answer', question, value })
      } catch (reason) {
        // Something in it cannot be sent to another thread.
        failed(reason)
      }
    })
  }
}

/** The error that a plain one from another thread stands for. */
function revive (plain: PlainError): CometError {
  return copy(plain, new Error(plain.message) as CometError) as CometError
}
