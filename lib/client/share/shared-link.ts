// The tab's side: everything is asked of the worker; where there is none, or it does not answer, of a session of one's own.

import { attempt } from '../browser/env.ts'
import { cometError, type CometError } from '../errors.ts'
import type { Emit } from '../events.ts'
import type { Subscriber } from '../delivery/subscriber.ts'
import type { Link } from '../link.ts'
import type { Settings } from '../options.ts'
import { resolveCallback } from '../connection/request.ts'
import { Session } from '../session.ts'
import { absolute } from '../connection/transports/iframe.ts'
import type { Asked, FromTab, HubName, PlainError, ToTab } from './messages.ts'

/** ms that a worker has to say something */
const PATIENCE = 2000

interface Taken {
  readonly seat: Subscriber
  leave (): void
}

export class SharedLink implements Link {
  private readonly settings: Settings
  private readonly emit: Emit
  private readonly seats: Record<number, Taken> = {}
  private position: string | null = null
  private lastSeat = 0
  private port: MessagePort | null | undefined
  private own: Link | undefined
  private isOver: boolean | undefined
  private timer: number | undefined

  constructor (settings: Settings, emit: Emit) {
    this.settings = settings
    this.emit = emit
  }

  at (): string | null {
    return this.own ? this.own.at() : this.position
  }

  subscribe (seat: Subscriber): () => void {
    if (this.own) return this.own.subscribe(seat)
    const id = ++this.lastSeat
    const taken = this.seats[id] = { seat, leave: () => { this.say({ do: 'unwant', seat: id }) } }
    if (id === 1) this.connect()
    this.say({ do: 'want', seat: id, channel: seat.channel, history: seat.history })
    return () => {
      delete this.seats[id]
      taken.leave()
    }
  }

  close (): void {
    if (this.own) return this.own.close()
    this.isOver = true
    this.hangUp()
    this.emit('state', 'closed')
  }

  private say (what: FromTab): void {
    if (this.port) this.port.postMessage(what)
  }

  private hangUp (): void {
    this.settings.env.clearTimeout(this.timer)
    this.say({ do: 'bye' })
    this.port = null
  }

  private connect (): void {
    const { env, url, options, params, headers } = this.settings
    const standAlone = () => { this.standAlone() }
    const worker = attempt(() => {
      const name: HubName = { version: 2, url: absolute(env.document as Document, url).href, options, params: !!params, headers: !!headers }
      return new (env.SharedWorker as typeof SharedWorker)(url + '/worker.js', JSON.stringify(name))
    })
    // Where there is none, after the task too: whoever subscribes goes on in the same way.
    this.timer = env.setTimeout(standAlone, worker ? PATIENCE : 0)
    if (!worker) return
    worker.onerror = standAlone
    this.port = worker.port
    this.port.onmessage = (event) => { this.told(event.data as ToTab) }
    this.emit('state', 'connecting')
    ;(env as unknown as Window).addEventListener('pagehide', (event) => { if (!event.persisted) this.say({ do: 'bye' }) })
  }

  /** There is no worker, or none that answers. */
  private standAlone (): void {
    if (this.own || this.isOver) return
    this.hangUp()
    const own = this.own = new Session(this.settings, this.emit)
    for (const id in this.seats) {
      const taken = this.seats[id] as Taken
      taken.leave = own.subscribe(taken.seat)
    }
  }

  private told (what: ToTab): void {
    if (!this.port) return
    this.settings.env.clearTimeout(this.timer)
    this.position = what.cursor
    if (what.do === 'frame') {
      const taken = this.seats[what.seat]
      if (taken) taken.seat.onFrame(what.frame)
    } else if (what.do === 'ask') {
      const { question } = what
      this.answer(question, what.what)
    } else {
      this.emit(what.name, what.name === 'error' ? revive(what.value) : what.value, what.error && revive(what.error))
    }
  }

  private answer (question: number, option: Asked): void {
    const failed = (reason: unknown) => { this.say({ do: 'answer', question, error: String(reason) }) }
    resolveCallback(this.settings, option, failed, (value) => {
      try {
        this.say({ do: 'answer', question, value })
      } catch (reason) {
        // Something in it cannot be sent to another thread.
        failed(reason)
      }
    })
  }
}

/** An error, made of what came of it from another thread. */
function revive (plain: PlainError): CometError {
  const error = cometError(plain.code, plain.message, plain.statusCode)
  if (plain.retrying !== undefined) error.retrying = plain.retrying
  if (plain.retryIn !== undefined) error.retryIn = plain.retryIn
  return error
}
