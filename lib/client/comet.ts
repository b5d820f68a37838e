// What the application sees of the client.

import type { ChannelData, ChannelName, Message } from '../protocol/messages.ts'
import type { TransportName } from '../protocol/wire.ts'
import { callSafely, EVENTS, type CometEvents, type Gap, type TransportChange } from './events.ts'
import { browserEnv, type Env } from './browser/env.ts'
import { cometError, type CometError } from './errors.ts'
import type { Link } from './link.ts'
import type { Phase } from './negotiation/state.ts'
import { parseOptions, type CometOptions, type Settings } from './options.ts'
import { publish } from './connection/publish.ts'
import { CHANNEL, check, checkOptions, FUNCTION, HISTORY, oneOf, SIGNAL } from './rules.ts'
import { Session } from './session.ts'
import { SharedLink } from './share/shared-link.ts'
import { detect } from './connection/transports/index.ts'

/** What is needed of an `AbortSignal`, so that these declarations need neither those of a browser nor those of Node. */
export interface Signal {
  readonly aborted: boolean
  addEventListener (type: 'abort', listener: () => void): void
  removeEventListener (type: 'abort', listener: () => void): void
}

const SUBSCRIBE_OPTIONS = { history: HISTORY, signal: SIGNAL, onGap: FUNCTION }

export interface SubscribeOptions {
  /** First, this many of the channel's latest messages, 0 to 1000. Default: 0. */
  history?: number
  /** Unsubscribes when it is aborted: an `AbortSignal`. */
  signal?: Signal
  /** Messages of this channel are missing here. */
  onGap?: (gap: Gap) => void
}

interface Listening {
  readonly event: keyof CometEvents
  readonly listener: (value: unknown) => void
}

/** One connection to the server, for any number of channels. Nothing is opened before the first `subscribe`. */
export class Comet {
  /** `idle`: nothing is subscribed. `waiting`: it comes back by itself. `closed`: it does not. */
  readonly state: Phase = 'idle'
  /** What carries the messages, or carried them last; null before the first connection and after the last. */
  readonly transport: TransportName | null = null
  /** Why it is `waiting` or `closed`, and while it tries again, why the last attempt failed; otherwise null. */
  readonly error: CometError | null = null
  readonly #settings: Settings
  readonly #link: Link
  #listeners: Listening[] = []

  /** Which transports this browser has the means for. Opens nothing. */
  static detect (): Record<TransportName, boolean> {
    return detect(browserEnv())
  }

  /**
   * @param url where the server has its routes: `/comet`, or with another origin before it
   * @param options see `CometOptions`; a wrong one throws a `TypeError` that names it
   * @param env the surroundings, where they are not the global object of this browser, worker or process
   */
  constructor (url: string, options?: CometOptions, env?: object) {
    const settings = this.#settings = parseOptions((env as Env | undefined) || browserEnv(), url, options)
    this.#link = new (settings.share && settings.env.SharedWorker ? SharedLink : Session)(settings, (event, value, error) => { this.#emit(event, value, error) })
  }

  /** The position in the server's log: all up to here was received. Null before it is known. */
  get cursor (): string | null {
    return this.#link.at()
  }

  /** Calls the listener for each message of the channel from now on, once and in order. Returns its undo. */
  subscribe<C extends ChannelName> (channel: C, listener: (data: ChannelData<C>, message: Message<C>) => void, options?: SubscribeOptions): () => void {
    const { history, signal, onGap } = options || {}
    check('channel', CHANNEL, channel)
    check('listener', FUNCTION, listener)
    checkOptions('subscribe', SUBSCRIBE_OPTIONS, options)
    if (this.state === 'closed') throw cometError('COMET_ERR_CLOSED', 'this Comet is closed: make a new one')
    if (signal && signal.aborted) return () => {}
    let isOn = true
    const leave = this.#link.subscribe({
      channel,
      history: history || 0,
      onFrame: (frame) => {
        callSafely(this.#settings.env, () => {
          if (!isOn || this.state === 'closed') return
          if ('data' in frame) listener(frame.data as ChannelData<C>, { id: frame.id, channel, data: frame.data as ChannelData<C> })
          else if (onGap) onGap(frame)
        })
      }
    })
    const undo = () => {
      if (isOn) leave()
      isOn = false
      if (signal) signal.removeEventListener('abort', undo)
    }
    if (signal) signal.addEventListener('abort', undo)
    return undo
  }

  /** Listens to what becomes of the connection. Returns its undo. */
  on<E extends keyof CometEvents> (event: E, listener: (value: CometEvents[E]) => void, options?: undefined): () => void {
    check('event', oneOf(EVENTS), event)
    check('listener', FUNCTION, listener)
    checkOptions('on', {}, options)
    const own = { event, listener } as Listening
    this.#listeners = this.#listeners.concat(own)
    return () => { this.#listeners = this.#listeners.filter((other) => other !== own) }
  }

  /**
   * Publishes through the server's publish route. Resolves with the message's id. The same `key` publishes once; without one,
   * each call has its own.
   */
  publish<C extends ChannelName> (channel: C, data: ChannelData<C>, options?: { key?: string }): Promise<string> {
    return publish(this.#settings, channel, data, options)
  }

  /** Ends the connection for good. */
  close (): void {
    if (this.state !== 'closed') this.#link.close()
  }

  #emit<E extends keyof CometEvents> (event: E, value: CometEvents[E], error?: CometError | null): void {
    const own: { state: Phase, transport: TransportName | null, error: CometError | null } = this
    if (event === 'transport') own.transport = (value as TransportChange).to
    if (event === 'state') {
      // A worker tells each tab that comes what the others know.
      if (value === own.state) return
      own.state = value as Phase
      if (value !== 'connecting') own.error = error || null
    }
    if (own.state === 'idle' || own.state === 'closed') own.transport = null
    this.#listeners.forEach((one) => {
      if (one.event === event) callSafely(this.#settings.env, () => { one.listener(value) })
    })
  }
}
