// What the application sees of the client.

import type { ChannelData, ChannelName, Message } from '../protocol/messages.ts'
import type { TransportName } from '../protocol/wire.ts'
import { callSafely, EVENTS, type CometEvents, type Emit, type Gap, type TransportChange } from './events.ts'
import { browserEnv, type Env } from './browser/env.ts'
import { cometError, type CometError } from './errors.ts'
import type { Link } from './link.ts'
import type { Phase } from './negotiation/state.ts'
import { createSettings, type CometOptions, type Settings } from './options.ts'
import { publish } from './connection/publish.ts'
import { CHANNEL, check, checkMethodOptions, FUNCTION, HISTORY, oneOf, SIGNAL } from './rules.ts'
import { Session } from './session.ts'
import { SharedLink } from './share/shared-link.ts'
import { detect } from './connection/transports/index.ts'

/** The part of `AbortSignal` that is used: these declarations need neither those of a browser nor those of Node. */
export interface Signal {
  readonly aborted: boolean
  addEventListener (type: 'abort', listener: () => void): void
  removeEventListener (type: 'abort', listener: () => void): void
}

const SUBSCRIBE_OPTIONS = { history: HISTORY, signal: SIGNAL, onGap: FUNCTION }

/** The options of `comet.subscribe` and `comet.channel`. */
export interface SubscribeOptions {
  /** The number of the channel's latest messages that come first, 0 to 1000. Default: 0. */
  history?: number
  /** An `AbortSignal` that unsubscribes. */
  signal?: Signal
  /** Called where messages of this channel are missing. */
  onGap?: (gap: Gap) => void
}

interface Listening {
  readonly event: keyof CometEvents
  readonly listener: (value: unknown) => void
}

/** One connection to the server, for any number of channels. Nothing is opened before the first `subscribe`. */
export class Comet {
  /** `idle`: nothing is subscribed. `waiting`: it tries again by itself. `closed`: it does not. */
  readonly state: Phase = 'idle'
  /** What carries the messages, or carried them last. Null before the first connection and after the last one. */
  readonly transport: TransportName | null = null
  /** Why it is `waiting` or `closed` or, while it tries again, why the last attempt failed. Otherwise null. */
  readonly error: CometError | null = null
  readonly #settings: Settings
  readonly #link: Link
  #listeners: Listening[] = []

  /** Which transports this browser supports. Opens nothing. */
  static detect (): Record<TransportName, boolean> {
    return detect(browserEnv())
  }

  /**
   * @param url the URL of the server's routes: `/comet`, or an absolute one
   * @param options a wrong option throws a `TypeError` that names it
   * @param env used instead of the global object of this browser, worker or process
   */
  constructor (url: string, options?: CometOptions, env?: object) {
    const settings = this.#settings = createSettings((env as Env | undefined) || browserEnv(), url, options)
    const emit: Emit = (event, value, error) => { this.#emit(event, value, error) }
    this.#link = new (settings.share && settings.env.SharedWorker ? SharedLink : Session)(settings, emit)
  }

  /** The position in the server's log up to which everything was received. Null before it is known. */
  get cursor (): string | null {
    return this.#link.at()
  }

  /**
   * Calls the listener with each message of the channel from now on, once and in order. Returns a function that
   * unsubscribes. Throws a `TypeError` for a wrong argument, and `COMET_ERR_CLOSED` after `close()`.
   */
  subscribe<C extends ChannelName> (
    channel: C,
    listener: (data: ChannelData<C>, message: Message<C>) => void,
    options?: SubscribeOptions
  ): () => void {
    const { history, signal, onGap } = options || {}
    check('channel', CHANNEL, channel)
    check('listener', FUNCTION, listener)
    checkMethodOptions('subscribe', SUBSCRIBE_OPTIONS, options)
    if (this.state === 'closed') throw cometError('COMET_ERR_CLOSED', 'this Comet is closed')
    if (signal && signal.aborted) return () => {}
    let isOn = true
    const leave = this.#link.subscribe({
      channel,
      history: history || 0,
      onFrame: (frame) => {
        callSafely(this.#settings.env, () => {
          if (!isOn || this.state === 'closed') return
          if ('data' in frame) {
            const data = frame.data as ChannelData<C>
            listener(data, { id: frame.id, channel, data })
          } else if (onGap) onGap(frame)
        })
      }
    })
    const unsubscribe = () => {
      if (isOn) leave()
      isOn = false
      if (signal) signal.removeEventListener('abort', unsubscribe)
    }
    if (signal) signal.addEventListener('abort', unsubscribe)
    return unsubscribe
  }

  /** Calls the listener with each event of this name. Returns a function that removes the listener. */
  on<E extends keyof CometEvents> (
    event: E,
    listener: (value: CometEvents[E]) => void,
    options?: undefined
  ): () => void {
    check('event', oneOf(EVENTS), event)
    check('listener', FUNCTION, listener)
    checkMethodOptions('on', {}, options)
    const own = { event, listener } as Listening
    this.#listeners = this.#listeners.concat(own)
    return () => { this.#listeners = this.#listeners.filter((other) => other !== own) }
  }

  /**
   * Publishes through the server's publish route. Resolves to the message's id. The same `key` publishes once; without
   * one, each call has its own.
   */
  publish<C extends ChannelName> (channel: C, data: ChannelData<C>, options?: { key?: string }): Promise<string> {
    return publish(this.#settings, channel, data, options)
  }

  /** Closes the client: it does not connect again. */
  close (): void {
    if (this.state !== 'closed') this.#link.close()
  }

  #emit<E extends keyof CometEvents> (event: E, value: CometEvents[E], error?: CometError | null): void {
    const own: { state: Phase, transport: TransportName | null, error: CometError | null } = this
    if (event === 'transport') own.transport = (value as TransportChange).to
    if (event === 'state') {
      // A shared worker repeats its state to all tabs when another one connects.
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
