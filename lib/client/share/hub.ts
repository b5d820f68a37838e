// The SharedWorker's side of a shared connection: one client, and every tab's subscriptions on it.

import type { MessageFrame } from '../../protocol/wire.ts'
import type { Comet } from '../comet.ts'
import { EVENTS, type Gap } from '../events.ts'
import type { CometError } from '../errors.ts'
import type { CometOptions } from '../options.ts'
import type { CredentialKind, FromTab, HubName, PlainError, ToTab } from './messages.ts'

type WithoutCursor = ToTab extends infer T ? T extends ToTab ? Omit<T, 'cursor'> : never : never
type Answer = FromTab & { do: 'answer' }

/** Keeps one client for all tabs that have attached. */
export class Hub {
  readonly #Client: typeof Comet
  readonly #name: HubName
  #tabs: Tab[] = []
  /** The questions that no tab has answered yet. */
  readonly #questions = new Map<number, Question>()
  #lastQuestion = 0
  #comet: Comet

  /** `name`: a `HubName` as JSON. */
  constructor (Client: typeof Comet, name: string) {
    this.#Client = Client
    this.#name = JSON.parse(name) as HubName
    this.#comet = this.#connect()
  }

  /** Attaches a tab. */
  add (port: MessagePort): void {
    // What ended the client for earlier tabs may be over for this one.
    if (this.#comet.state === 'closed') this.#comet = this.#connect()
    const tab = new Tab(port, this.#comet, {
      answered: (answer) => { this.#questions.get(answer.question)?.answered(answer) },
      closed: () => { this.#tabs = this.#tabs.filter((other) => other !== tab) }
    })
    this.#tabs.push(tab)
    // The tabs that were asked before may be frozen, or closed.
    for (const [question, { kind }] of this.#questions) tab.send({ do: 'ask', question, kind })
  }

  #connect (): Comet {
    const { url, options, params, headers } = this.#name
    const own: CometOptions = { ...options }
    if (params) own.params = () => this.#ask('params') as Promise<Record<string, string>>
    if (headers) own.headers = () => this.#ask('headers') as Promise<Record<string, string>>
    const comet = new this.#Client(url, own)
    for (const name of EVENTS) {
      comet.on(name, (value) => {
        const event = {
          do: 'event',
          name,
          value: name === 'error' ? plain(value as CometError) : value,
          error: comet.error && plain(comet.error)
        } as WithoutCursor
        for (const tab of this.#tabs) if (tab.comet === comet) tab.send(event)
      })
    }
    return comet
  }

  /** Asks all tabs, because some of them may be frozen. The first answer serves all who ask for the same meanwhile. */
  #ask (kind: CredentialKind): Promise<object> {
    for (const pending of this.#questions.values()) if (pending.kind === kind) return pending.answer
    const question = ++this.#lastQuestion
    let answered: Question['answered'] = () => {}
    const answer = new Promise<object>((resolve, reject) => {
      answered = ({ value, error }) => {
        this.#questions.delete(question)
        if (value) resolve(value)
        else reject(new Error(error))
      }
    })
    this.#questions.set(question, { kind, answer, answered })
    for (const tab of this.#tabs) tab.send({ do: 'ask', question, kind })
    return answer
  }
}

interface Question {
  readonly kind: CredentialKind
  readonly answer: Promise<object>
  answered (answer: Answer): void
}

interface TabHandlers {
  answered (answer: Answer): void
  closed (): void
}

/** One tab, and its subscriptions by their numbers. */
class Tab {
  readonly comet: Comet
  readonly #port: MessagePort
  readonly #handlers: TabHandlers
  readonly #subscriptions = new Map<number, () => void>()

  constructor (port: MessagePort, comet: Comet, handlers: TabHandlers) {
    this.#port = port
    this.comet = comet
    this.#handlers = handlers
    port.onmessage = (event) => {
      const message = event.data as FromTab
      if (message.do === 'subscribe') this.#subscribe(message.id, message.channel, message.history)
      else if (message.do === 'unsubscribe') this.#unsubscribe(message.id)
      else if (message.do === 'answer') handlers.answered(message)
      else this.#close()
    }
    // In browsers that have this event: the tab was closed, or has crashed.
    port.addEventListener('close', () => { this.#close() })
    const { state, transport: to } = comet
    if (to) this.send({ do: 'event', name: 'transport', value: { from: null, to, reason: 'start' } })
    this.send({ do: 'event', name: 'state', value: state === 'idle' ? 'connecting' : state })
  }

  send (message: WithoutCursor): void {
    this.#port.postMessage({ ...message, cursor: this.comet.cursor })
  }

  #subscribe (id: number, channel: string, history: number): void {
    if (this.comet.state === 'closed') return
    const onFrame = (frame: MessageFrame | Gap) => { this.send({ do: 'frame', id, frame }) }
    const options = { history, onGap: onFrame }
    this.#subscriptions.set(id, this.comet.subscribe(channel, (_data, message) => { onFrame(message) }, options))
  }

  #unsubscribe (id: number): void {
    this.#subscriptions.get(id)?.()
    this.#subscriptions.delete(id)
  }

  #close (): void {
    for (const id of this.#subscriptions.keys()) this.#unsubscribe(id)
    this.#port.close()
    this.#handlers.closed()
  }
}

// The properties of an error that are its own do not survive the way to another thread.
function plain (error: CometError): PlainError {
  return { ...error, message: error.message }
}
