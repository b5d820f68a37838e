// The tab's side: everything is asked of the worker; where there is none, or it does not answer, of a session of one's own.

import type { GapFrame, MessageFrame, TransportName } from '../../protocol.ts'
import { attempt } from '../env.ts'
import { cometError, type CometError } from '../errors.ts'
import { OwnLink, type Catching, type Link } from '../link.ts'
import type { Phase } from '../negotiation.ts'
import type { Settings } from '../options.ts'
import type { SessionSink } from '../session.ts'
import type { Gap } from '../gap.ts'
import type { FromTab, HubName, Status, ToTab } from './protocol.ts'

/** ms that a worker has to say hello */
const PATIENCE = 2000

interface Seat {
  channel: string
  history: number
  deliver: ((frame: MessageFrame | Gap) => void) | null
  /** Where the worker did not answer. */
  own: Catching | null
}

export class SharedLink implements Link {
  private readonly settings: Settings
  private readonly sink: SessionSink
  private readonly seats: Record<number, Seat> = {}
  private status: Status = { state: 'idle', transport: null, cursor: null }
  private lastSeat = 0
  private port: MessagePort | null = null
  private own: OwnLink | null = null
  private timer: number | undefined

  constructor (settings: Settings, sink: SessionSink) {
    this.settings = settings
    this.sink = sink
  }

  get state (): Phase {
    return (this.own || this.status).state
  }

  get transport (): TransportName | null {
    return (this.own || this.status).transport
  }

  get cursor (): string | null {
    return (this.own || this.status).cursor
  }

  want (channel: string, history: number): void {
    if (this.own) return this.own.want(channel, history)
    this.take({ channel, history, deliver: null, own: null })
  }

  unwant (channel: string): void {
    if (this.own) return this.own.unwant(channel)
    for (const seat in this.seats) {
      const { channel: taken, deliver } = this.seats[seat] as Seat
      if (taken === channel && !deliver) this.leave(Number(seat))
    }
  }

  replay (channel: string, history: number, deliver: (frame: MessageFrame | Gap) => void): Catching {
    if (this.own) return this.own.replay(channel, history, deliver)
    const one: Seat = { channel, history, deliver, own: null }
    const seat = this.take(one)
    return {
      // The worker sends this one all that it shall have.
      take: (frame) => { if (one.own) one.own.take(frame) },
      close: () => {
        if (one.own) one.own.close()
        this.leave(seat)
      }
    }
  }

  close (): void {
    if (this.own) return this.own.close()
    this.say({ do: 'bye' })
    this.settings.env.clearTimeout(this.timer)
    if (this.port) this.port.close()
    this.port = null
    this.status.state = 'closed'
    this.status.transport = null
  }

  private take (seat: Seat): number {
    const id = ++this.lastSeat
    this.seats[id] = seat
    if (!this.port) this.connect()
    this.say({ do: 'want', seat: id, channel: seat.channel, history: seat.history })
    return id
  }

  private leave (seat: number): void {
    delete this.seats[seat]
    this.say({ do: 'unwant', seat })
  }

  private say (what: FromTab): void {
    if (this.port) this.port.postMessage(what)
  }

  private connect (): void {
    const { env } = this.settings
    const worker = attempt(() => new (env.SharedWorker as typeof SharedWorker)(this.settings.url + '/client.js', this.hubName()))
    if (!worker) {
      // After the task, as it is where a worker fails: whoever subscribes goes on in the same way.
      this.timer = env.setTimeout(() => { this.standAlone() }, 0)
      return
    }
    this.port = worker.port
    this.port.onmessage = (event) => { this.told(event.data as ToTab) }
    worker.onerror = () => { this.standAlone() }
    this.timer = env.setTimeout(() => { this.standAlone() }, PATIENCE)
    this.status.state = 'connecting'
    this.sink.state('connecting')
    env.addEventListener?.('pagehide', (event) => { if (!event.persisted) this.say({ do: 'bye' }) })
  }

  private hubName (): string {
    const { env, url, share, transports, withCredentials, firstFrameTimeout, upgrade, debug, cursor, params, headers } = this.settings
    const link = (env.document as Document).createElement('a')
    link.href = url
    const options: HubName['options'] = { transports, withCredentials, firstFrameTimeout, upgrade, debug }
    if (cursor) options.cursor = cursor
    const name: HubName = { version: 1, url: link.href, share, options, asks: { params: !!params, headers: !!headers } }
    return JSON.stringify(name)
  }

  /** There is no worker, or none that answers. */
  private standAlone (): void {
    if (this.own || this.status.state === 'closed') return
    this.settings.env.clearTimeout(this.timer)
    this.say({ do: 'bye' })
    if (this.port) this.port.close()
    this.port = null
    const own = this.own = new OwnLink(this.settings, this.sink)
    for (const id in this.seats) {
      const seat = this.seats[id] as Seat
      if (seat.deliver) seat.own = own.replay(seat.channel, seat.history, seat.deliver)
      else own.want(seat.channel, seat.history)
    }
  }

  private told (what: ToTab): void {
    if (this.own || !this.port) return
    const { state, transport, cursor } = what
    this.status = { state, transport, cursor }
    if (what.do === 'hello') {
      this.settings.env.clearTimeout(this.timer)
      if (state !== 'idle') this.sink.state(state)
    } else if (what.do === 'frame') this.frame(what.seat, what.frame)
    else if (what.do === 'ask') this.answer(what.question, this.settings[what.what])
    else this.event(what.name, what.value)
  }

  private frame (id: number, frame: MessageFrame | GapFrame): void {
    const seat = this.seats[id]
    if (!seat) return
    if (seat.deliver) seat.deliver(frame)
    else if (!frame.type) this.sink.message(frame)
  }

  private event (name: string, value: unknown): void {
    const { sink } = this
    if (name === 'denied') sink.denied((value as { channels: string[] }).channels)
    else if (name === 'error') {
      const { code, message, statusCode } = value as CometError
      sink.error(cometError(code, message, statusCode))
    } else (sink as unknown as Record<string, (value: unknown) => void>)[name]?.(value)
  }

  private answer (question: number, source: (() => unknown) | null): void {
    const { env } = this.settings
    const Later = env.Promise as PromiseConstructor
    new Later<unknown>((resolve) => { resolve(source?.()) }).then(
      (value) => { this.say({ do: 'answer', question, value: value as object }) },
      (error: unknown) => { this.say({ do: 'answer', question, error: String(error) }) }
    )
  }
}
