// The SharedWorker's side: one client, and every tab's subscriptions on it.

import type { GapFrame, MessageFrame } from '../../protocol.ts'
import { Comet, EVENTS } from '../comet.ts'
import { copy } from '../dictionary.ts'
import type { CometOptions } from '../options.ts'
import type { Asked, FromTab, HubName, ToTab } from './protocol.ts'

type Say = ToTab extends infer T ? T extends ToTab ? Omit<T, 'state' | 'transport' | 'cursor'> : never : never

export class Hub {
  private readonly name: HubName
  private readonly tabs: Tab[] = []
  private readonly questions: ((answer: FromTab & { do: 'answer' }) => void)[] = []
  private comet: Comet

  constructor (name: string) {
    this.name = JSON.parse(name) as HubName
    this.comet = this.connect()
  }

  add (port: MessagePort): void {
    // What ended the client for the tabs before may be over for this one.
    if (this.comet.state === 'closed') this.comet = this.connect()
    const tab = new Tab(port, this.comet, (answer) => { this.questions[answer.question]?.(answer) })
    this.tabs.push(tab)
  }

  private connect (): Comet {
    const { url, options, asks } = this.name
    const own = copy(options) as CometOptions
    if (asks.params) own.params = () => this.ask('params') as Promise<Record<string, string>>
    if (asks.headers) own.headers = () => this.ask('headers') as Promise<Record<string, string>>
    const comet = new Comet(url, own)
    EVENTS.forEach((name) => {
      comet.on(name, (value) => {
        this.tabs.forEach((tab) => { if (tab.comet === comet) tab.say({ do: 'event', name, value: name === 'error' ? plain(value as Error) : value }) })
      })
    })
    return comet
  }

  /** Asks all tabs: some of them may be frozen. The first answer counts. */
  private ask (what: Asked): Promise<object> {
    return new Promise((resolve, reject) => {
      const question = this.questions.push((answer) => {
        if (answer.value) resolve(answer.value)
        else reject(new Error(answer.error))
      }) - 1
      this.tabs.forEach((tab) => { tab.say({ do: 'ask', question, what }) })
    })
  }
}

class Tab {
  readonly comet: Comet
  private readonly port: MessagePort
  private readonly seats: Record<number, () => void> = {}

  constructor (port: MessagePort, comet: Comet, answered: (answer: FromTab & { do: 'answer' }) => void) {
    this.port = port
    this.comet = comet
    port.onmessage = (event) => {
      const said = event.data as FromTab
      if (said.do === 'want') this.seat(said.seat, said.channel, said.history)
      else if (said.do === 'unwant') this.leave(said.seat)
      else if (said.do === 'answer') answered(said)
      else this.leaveAll()
    }
    // Where browsers have it: the tab was closed, or has crashed.
    port.addEventListener('close', () => { this.leaveAll() })
    this.say({ do: 'hello' })
  }

  say (what: Say): void {
    const { state, transport, cursor } = this.comet
    const told = copy(what) as Record<string, unknown>
    told.state = state
    told.transport = transport
    told.cursor = cursor
    this.port.postMessage(told)
  }

  private seat (seat: number, channel: string, history: number): void {
    if (this.comet.state === 'closed') return
    const tell = (frame: MessageFrame | GapFrame) => { this.say({ do: 'frame', seat, frame }) }
    this.seats[seat] = this.comet.subscribe(channel, (_data, message) => { tell(message) }, {
      history,
      onGap: ({ channels, reason, cursor }) => { tell({ type: 'gap', channels: channels.slice(), reason, cursor }) }
    })
  }

  private leave (seat: number): void {
    this.seats[seat]?.()
    delete this.seats[seat]
  }

  private leaveAll (): void {
    for (const seat in this.seats) this.leave(Number(seat))
  }
}

// What an error carries of its own does not survive the way to another thread.
function plain (error: Error): object {
  const own: Record<string, unknown> = copy(error as unknown as Record<string, unknown>)
  own.message = error.message
  return own
}
