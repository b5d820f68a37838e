// The SharedWorker's side: one client, and every tab's subscriptions on it.

import type { Comet } from '../comet.ts'
import { EVENTS } from '../events.ts'
import type { CometError } from '../errors.ts'
import type { CometOptions } from '../options.ts'
import type { Asked, FromTab, HubName, PlainError, ToTab } from './messages.ts'

type Say = ToTab extends infer T ? T extends ToTab ? Omit<T, 'cursor'> : never : never
type Answer = FromTab & { do: 'answer' }

export class Hub {
  private readonly Client: typeof Comet
  private readonly name: HubName
  private tabs: Tab[] = []
  /** Those that no tab has answered yet. */
  private readonly questions = new Map<number, Question>()
  private lastQuestion = 0
  private comet: Comet

  constructor (Client: typeof Comet, name: string) {
    this.Client = Client
    this.name = JSON.parse(name) as HubName
    this.comet = this.connect()
  }

  add (port: MessagePort): void {
    // What ended the client for the tabs before may be over for this one.
    if (this.comet.state === 'closed') this.comet = this.connect()
    const tab = new Tab(port, this.comet, {
      answered: (answer) => { this.questions.get(answer.question)?.answered(answer) },
      gone: () => { this.tabs = this.tabs.filter((other) => other !== tab) }
    })
    this.tabs.push(tab)
    // The tabs asked before may be frozen, or gone.
    for (const [question, { what }] of this.questions) tab.say({ do: 'ask', question, what })
  }

  private connect (): Comet {
    const { url, options, params, headers } = this.name
    const own: CometOptions = { ...options }
    if (params) own.params = () => this.ask('params') as Promise<Record<string, string>>
    if (headers) own.headers = () => this.ask('headers') as Promise<Record<string, string>>
    const comet = new this.Client(url, own)
    for (const name of EVENTS) {
      comet.on(name, (value) => {
        for (const tab of this.tabs) {
          if (tab.comet === comet) tab.say({ do: 'event', name, value: name === 'error' ? plain(value as CometError) : value, error: comet.error && plain(comet.error) } as Say)
        }
      })
    }
    return comet
  }

  /** Asks all tabs: some of them may be frozen. The first answer counts, also for whoever asks the same meanwhile. */
  private ask (what: Asked): Promise<object> {
    for (const pending of this.questions.values()) if (pending.what === what) return pending.answer
    const number = ++this.lastQuestion
    let answered: Question['answered'] = () => {}
    const answer = new Promise<object>((resolve, reject) => {
      answered = ({ value, error }) => {
        this.questions.delete(number)
        if (value) resolve(value)
        else reject(new Error(error))
      }
    })
    this.questions.set(number, { what, answer, answered })
    for (const tab of this.tabs) tab.say({ do: 'ask', question: number, what })
    return answer
  }
}

interface Question {
  readonly what: Asked
  readonly answer: Promise<object>
  answered (answer: Answer): void
}

interface TabHandlers {
  answered (answer: Answer): void
  gone (): void
}

class Tab {
  readonly comet: Comet
  private readonly port: MessagePort
  private readonly handlers: TabHandlers
  private readonly seats = new Map<number, () => void>()

  constructor (port: MessagePort, comet: Comet, handlers: TabHandlers) {
    this.port = port
    this.comet = comet
    this.handlers = handlers
    port.onmessage = (event) => {
      const said = event.data as FromTab
      if (said.do === 'want') this.seat(said.seat, said.channel, said.history)
      else if (said.do === 'unwant') this.leave(said.seat)
      else if (said.do === 'answer') handlers.answered(said)
      else this.close()
    }
    // Where browsers have it: the tab was closed, or has crashed.
    port.addEventListener('close', () => { this.close() })
    const { state, transport: to } = comet
    if (to) this.say({ do: 'event', name: 'transport', value: { from: null, to, reason: 'start' } })
    this.say({ do: 'event', name: 'state', value: state === 'idle' ? 'connecting' : state })
  }

  say (what: Say): void {
    this.port.postMessage({ ...what, cursor: this.comet.cursor })
  }

  private seat (seat: number, channel: string, history: number): void {
    if (this.comet.state === 'closed') return
    this.seats.set(seat, this.comet.subscribe(channel, (_data, message) => { this.say({ do: 'frame', seat, frame: message }) }, {
      history,
      onGap: (gap) => { this.say({ do: 'frame', seat, frame: gap }) }
    }))
  }

  private leave (seat: number): void {
    this.seats.get(seat)?.()
    this.seats.delete(seat)
  }

  private close (): void {
    for (const seat of this.seats.keys()) this.leave(seat)
    this.port.close()
    this.handlers.gone()
  }
}

// What an error carries of its own does not survive the way to another thread.
function plain (error: CometError): PlainError {
  return { ...error, message: error.message }
}
