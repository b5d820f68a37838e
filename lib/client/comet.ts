// What the application sees of the client.

import type { ChannelData, ChannelName, Message } from '../channels.ts'
import type { TransportName } from '../protocol.ts'
import { detect } from './detect.ts'
import { Emitter } from './emitter.ts'
import { browserEnv, type Env } from './env.ts'
import { cometError, type CometError } from './errors.ts'
import { OwnLink, type Link } from './link.ts'
import type { Phase } from './negotiation.ts'
import { check, checkChannel, checkHistory, checkListener, parseOptions, type CometOptions, type Settings } from './options.ts'
import { publish } from './publish.ts'
import type { SessionSink, TransportChange } from './session.ts'
import { SharedLink } from './share/shared-link.ts'
import type { Gap } from './gap.ts'
import { Subscribers, type Subscriber } from './subscribers.ts'

export interface SubscribeOptions {
  /** First, this many of the channel's latest messages, 0 to 1000. Default: 0. */
  history?: number
  /** Unsubscribes when it is aborted. */
  signal?: AbortSignal
  /** Messages of this channel are missing here. */
  onGap?: (gap: Gap) => void
}

/** What `comet.on` tells of. */
export interface CometEvents {
  state: Phase
  transport: TransportChange
  gap: Gap
  /** These channels are not, or no longer, part of the subscription. */
  denied: { channels: readonly string[] }
  /** Where `comet.state` is `closed` then, the client has given up. */
  error: CometError
  /** The server is there: `time` is its clock, in ms since the epoch. */
  heartbeat: { cursor: string, time: number }
}

/** Their names. */
export const EVENTS: readonly (keyof CometEvents)[] = ['state', 'transport', 'gap', 'denied', 'error', 'heartbeat']

/** One connection to the server, for any number of channels. Nothing is opened before the first `subscribe`. */
export class Comet {
  private readonly settings: Settings
  private readonly emitter: Emitter<CometEvents>
  private readonly subscribers: Subscribers
  private readonly link: Link
  private isClosed = false

  /** Which transports this browser has the means for. Opens nothing. */
  static detect (): Record<TransportName, boolean> {
    return detect(browserEnv())
  }

  /**
   * @param url where the server has its routes: `/comet`, or with another origin before it
   * @param options see `CometOptions`; a wrong one throws a `TypeError` that names it
   * @param env the surroundings, where they are not this browser
   */
  constructor (url: string, options?: CometOptions, env?: Env) {
    const settings = this.settings = parseOptions(env || browserEnv(), url, options || {})
    this.emitter = new Emitter(settings.env)
    this.link = new (settings.share && settings.env.SharedWorker ? SharedLink : OwnLink)(settings, this.sink())
    this.subscribers = new Subscribers(settings.env, this.link)
  }

  /** `idle`: nothing is subscribed. `waiting`: it comes back by itself. `closed`: it does not. */
  get state (): Phase {
    return this.isClosed ? 'closed' : this.link.state
  }

  /** What carries the messages, or carried them last; null before the first connection and after the last. */
  get transport (): TransportName | null {
    return this.link.transport
  }

  /** The position in the server's log: all up to here was received. Null before it is known. */
  get cursor (): string | null {
    return this.link.cursor
  }

  /** Calls the listener for each message of the channel from now on, once and in order. Returns its undo. */
  subscribe<C extends ChannelName> (channel: C, listener: (data: ChannelData<C>, message: Message<C>) => void, options?: SubscribeOptions): () => void {
    checkChannel(channel)
    checkListener(listener)
    const history = options?.history || 0
    checkHistory(history)
    if (this.state === 'closed') throw cometError('COMET_ERR_CLOSED', 'this client is closed')
    const signal = options?.signal
    if (signal?.aborted) return () => {}
    const undo = this.subscribers.add(channel, { listener: listener as Subscriber['listener'], onGap: options?.onGap, history })
    signal?.addEventListener('abort', undo)
    return () => {
      signal?.removeEventListener('abort', undo)
      undo()
    }
  }

  /** Listens to what becomes of the connection. Returns its undo. */
  on<E extends keyof CometEvents> (event: E, listener: (value: CometEvents[E]) => void): () => void {
    check('event', ['one of ' + EVENTS.join(', '), () => EVENTS.indexOf(event) >= 0], event)
    checkListener(listener)
    return this.emitter.on(event, listener)
  }

  /** Publishes through the server's publish route. Resolves with the message's id. The same `key` publishes once. */
  publish<C extends ChannelName> (channel: C, data: ChannelData<C>, options?: { key?: string }): Promise<string> {
    checkChannel(channel)
    return publish(this.settings, channel, data, options?.key)
  }

  /** Ends the connection for good. */
  close (): void {
    if (this.isClosed) return
    this.isClosed = true
    this.subscribers.clear()
    this.link.close()
  }

  private sink (): SessionSink {
    const { emitter } = this
    return {
      message: (message) => { this.subscribers.message(message) },
      gap: ({ channels, reason, cursor }) => {
        const gap = { channels, reason, cursor }
        this.subscribers.gap(gap)
        emitter.emit('gap', gap)
      },
      denied: (channels) => { emitter.emit('denied', { channels }) },
      heartbeat: ({ cursor, time }) => { emitter.emit('heartbeat', { cursor, time }) },
      state: (state) => { emitter.emit('state', state) },
      transport: (change) => { emitter.emit('transport', change) },
      error: (error) => { emitter.emit('error', error) }
    }
  }
}
