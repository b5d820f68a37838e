// What the application's subscribers receive: the channels that they want, the client's position in the log, and each
// message once, whichever connection brings it.

import type { Frame, MessageFrame } from '../../protocol/wire.ts'
import { dictionary } from '../browser/dictionary.ts'
import { positionAfter } from '../connection/frames.ts'
import { gapIn, type Emit, type Gap } from '../events.ts'
import type { Settings } from '../options.ts'
import { ChannelSet } from './channel-set.ts'
import { LateHistory } from './late-history.ts'
import type { LocalSubscriber } from './subscriber.ts'

/** A subscriber, or what stands between it and the carrier. */
type Receiver = Pick<LocalSubscriber, 'onFrame'> & Partial<LateHistory>

/** A channel with at least one subscriber. */
interface ChannelEntry {
  receivers: Receiver[]
  /** The history that the first subscriber asked for. */
  readonly history: number
  isDenied?: boolean
}

/** All subscribers, and the log as far as it was delivered to them. */
export class Feed {
  /** The cursor up to which everything was delivered on all active channels, or null before the first frame. */
  position: string | null
  /**
   * The channels of the connection that is tried beside the carrier, or null. What the carrier delivers is noted
   * there.
   */
  candidate: ChannelSet | null = null
  readonly #settings: Settings
  readonly #emit: Emit
  /** Called when the channels that are wanted may differ from those that are carried. */
  readonly #onChange: () => void
  readonly #entries = dictionary<ChannelEntry>()
  /** The channels on which nothing is missing up to the position. */
  #active = dictionary<boolean | undefined>()
  /** Whether no connection was open yet: the channels of the first one start where it starts, and need not join. */
  #isFresh = true

  constructor (settings: Settings, emit: Emit, onChange: () => void) {
    this.#settings = settings
    this.#emit = emit
    this.#onChange = onChange
    this.position = settings.cursor || null
  }

  /** Adds a subscriber. Returns a function that removes it, to be called once. */
  subscribe (subscriber: LocalSubscriber): () => void {
    const entries = this.#entries
    const { channel, history } = subscriber
    const existing = entries[channel]
    const entry: ChannelEntry = existing || { receivers: [], history }
    // A late subscriber to a channel fetches its own history; it must not replay to the others, nor get theirs.
    const late = existing && (history || existing.history) ? new LateHistory(this.#settings, subscriber) : null
    const receiver = late || subscriber
    entry.receivers = entry.receivers.concat(receiver)
    entries[channel] = entry
    // A channel that was unsubscribed a moment ago continues where it is, unless history is asked for: then it joins
    // again.
    if (!existing && history) this.#active[channel] = false
    else if (late && this.#isActive(channel)) late.onActive()
    this.#onChange()
    return () => {
      if (late) late.close()
      entry.receivers = entry.receivers.filter((other) => other !== receiver)
      if (!entry.receivers.length) delete entries[channel]
      this.#onChange()
    }
  }

  /** The channels that are wanted: each from its first subscriber to its last, unless it is denied. */
  channels (): string[] {
    return Object.keys(this.#entries).filter((channel) => !(this.#entries[channel] as ChannelEntry).isDenied)
  }

  /** Whether other channels are wanted than a connection carries or is about to. */
  differsFrom ({ carried, joining }: ChannelSet): boolean {
    const wanted = this.channels()
    return wanted.some((channel) => !this.#active[channel] && joining.indexOf(channel) < 0) ||
      carried.some((channel) => wanted.indexOf(channel) < 0)
  }

  /** Gives up channels that the server does not admit. */
  deny (channels: readonly string[]): void {
    channels.forEach((channel) => {
      const entry = this.#entries[channel]
      this.#active[channel] = false
      if (entry) entry.isDenied = true
    })
    this.#emit('denied', { channels })
    this.#onChange()
  }

  /** What a connection that is opened now subscribes to. */
  nextChannelSet (): ChannelSet {
    const { position } = this
    const entries = this.#entries
    const active = this.#active
    const channels = this.channels()
    // A channel that this request leaves out misses messages from here on: it would have to join again.
    this.#active = dictionary()
    channels.forEach((channel) => { this.#active[channel] = active[channel] })
    const join = this.#isFresh || !position ? [] : channels.filter((channel) => !active[channel])
    const history = (position ? join : channels).map((channel) => (entries[channel] as ChannelEntry).history)
    return new ChannelSet({ channels, join, history, cursor: position }, this.#isActive)
  }

  /** Gives up the position: the next connection starts at its own present. */
  reset (): void {
    this.position = null
    this.#isFresh = true
    this.#active = dictionary()
  }

  /**
   * Takes the next frame of the carrier. Returns false if the carrier has diverged: it does not repeat what it
   * should. The position then stands before everything that was not delivered, and another connection can start from
   * it.
   */
  receive (carrier: ChannelSet, frame: Frame): boolean {
    const verdict = carrier.accept(frame)
    if (verdict === 'diverged') return false
    // Before a listener is called, because it may read the position.
    if (carrier.overlap.isOver()) this.position = positionAfter(frame) || this.position
    if (verdict === 'new') {
      if (frame.type) this.#control(carrier, frame)
      else this.#message(carrier, frame)
    }
    if (carrier.canJoin()) this.#join(carrier)
    return true
  }

  #message (carrier: ChannelSet, message: MessageFrame): void {
    if (carrier.hold(message)) return
    if (this.candidate) this.candidate.expectRepeat(message)
    this.#deliver(message)
  }

  #control (carrier: ChannelSet, frame: Exclude<Frame, MessageFrame>): void {
    switch (frame.type) {
      case 'open':
        this.#activate(this.#isFresh ? carrier.carried : [])
        this.#isFresh = false
        break
      case 'joined': return carrier.replayed()
      case 'heartbeat': return this.#emit('heartbeat', { cursor: frame.cursor, time: frame.time })
      case 'gap': {
        const gap = gapIn(frame)
        frame.channels.forEach((channel) => { this.#notify(channel, gap) })
        return this.#emit('gap', gap)
      }
      case 'denied':
        carrier.remove(frame.channels)
        this.deny(frame.channels)
    }
  }

  #join (carrier: ChannelSet): void {
    const { channels, messages } = carrier.join()
    this.#activate(channels)
    messages.forEach((message) => { this.#deliver(message) })
  }

  #activate (channels: readonly string[]): void {
    channels.forEach((channel) => {
      const entry = this.#entries[channel]
      this.#active[channel] = !!entry
      if (entry) entry.receivers.forEach((receiver) => { if (receiver.onActive) receiver.onActive() })
    })
    this.#onChange()
  }

  #deliver (message: MessageFrame): void {
    if (this.#isActive(message.channel)) this.#notify(message.channel, message)
  }

  #notify (channel: string, frame: MessageFrame | Gap): void {
    const entry = this.#entries[channel]
    if (entry) entry.receivers.forEach((receiver) => { receiver.onFrame(frame) })
  }

  readonly #isActive = (channel: string): boolean => !!this.#active[channel]
}
