// What a client has received and still wants: its channels, its position in the log, and what it must not hear twice.

import type { Frame, GapFrame, HeartbeatFrame, MessageFrame } from '../protocol.ts'
import { Dedupe } from './dedupe.ts'
import { dictionary, setOf, type Dictionary } from './dictionary.ts'
import type { Ask } from './request.ts'
import { positionAfter } from './transports/transport.ts'

/** Where the frames go that the application is told of. */
export interface FeedSink {
  message (message: MessageFrame): void
  gap (gap: GapFrame): void
  denied (channels: readonly string[]): void
  heartbeat (heartbeat: HeartbeatFrame): void
}

/** One connection, as far as its content goes. */
export interface Stream {
  readonly ask: Ask
  /** The channels that it carries or will carry. */
  carried: readonly string[]
  /** Those still to be let in, */
  joining: readonly string[]
  /** and what came of their history: told only when they are in. */
  replayed: MessageFrame[]
}

export class Feed {
  /** Where a connection opened now starts. Null: nowhere yet. */
  position: string | null
  private readonly sink: FeedSink
  private readonly wanted: Dictionary<number> = dictionary()
  private readonly denied: Dictionary<true> = dictionary()
  /** The channels on which nothing is missing up to the position. */
  private active: Dictionary<true> = dictionary()
  private dedupe = new Dedupe()
  /** Delivered since the candidate was opened. */
  private beside: MessageFrame[] | null = null
  /** The position is one that the application gave: its first channels start there. */
  private isGiven: boolean

  constructor (sink: FeedSink, cursor: string | null) {
    this.sink = sink
    this.position = cursor
    this.isGiven = cursor !== null
  }

  want (channel: string, history: number): void {
    delete this.denied[channel]
    this.wanted[channel] = history
  }

  unwant (channel: string): void {
    delete this.denied[channel]
    delete this.wanted[channel]
  }

  /** The channels wanted, but for those that are denied. */
  wants (): string[] {
    return Object.keys(this.wanted).filter((channel) => !this.denied[channel])
  }

  /** Other channels are wanted than this connection carries or is about to. */
  differsFrom (stream: Stream): boolean {
    const joining = setOf(stream.joining)
    return this.wants().some((channel) => !this.active[channel] && !joining[channel]) ||
      stream.carried.some((channel) => !(channel in this.wanted))
  }

  /** Gives up the channels that the server does not let in. */
  deny (channels: readonly string[]): void {
    channels.forEach((channel) => {
      delete this.active[channel]
      if (channel in this.wanted) this.denied[channel] = true
    })
    this.sink.denied(channels)
  }

  /** What a connection opened now asks for. What is delivered while a candidate is open is remembered for it. */
  ask (isCandidate: boolean): Stream {
    const { position, wanted } = this
    if (isCandidate) this.beside = []
    const channels = this.wants()
    // One that is left out here misses messages from now on: were it wanted again, it would have to join.
    this.active = setOf(channels.filter((channel) => this.isGiven || this.active[channel]))
    const join = position === null ? [] : channels.filter((channel) => !this.active[channel])
    const history = (position === null ? channels : join).map((channel) => wanted[channel] || 0)
    return { ask: { channels, join, history, cursor: position }, carried: channels, joining: join, replayed: [] }
  }

  forgetBeside (): void {
    this.beside = null
  }

  overtake (): void {
    this.dedupe.remember(this.beside || [], this.active)
    this.beside = null
  }

  /** Gives up the position: what is wanted next starts at its own now. */
  reset (): void {
    this.position = null
    this.isGiven = false
    this.active = dictionary()
    this.dedupe = new Dedupe()
  }

  /** Takes in what the carrier delivered. */
  take (stream: Stream, frame: Frame): void {
    const { sink } = this
    // Before a listener is called: it may ask for the position.
    this.position = positionAfter(frame) || this.position
    if (!frame.type) this.message(stream, frame)
    else if (frame.type === 'open') this.opened(stream)
    else if (frame.type === 'joined') this.letIn(stream, frame.channels)
    else if (frame.type === 'gap') {
      this.dedupe.loosen()
      sink.gap(frame)
    } else if (frame.type === 'heartbeat') sink.heartbeat(frame)
    else if (frame.type === 'denied') {
      const isOut = setOf(frame.channels)
      stream.carried = stream.carried.filter((channel) => !isOut[channel])
      stream.joining = stream.joining.filter((channel) => !isOut[channel])
      this.deny(frame.channels)
    }
  }

  private message (stream: Stream, frame: MessageFrame): void {
    if (frame.history) {
      stream.replayed.push(frame)
      return
    }
    // What joins is not told before it is in, and does not come again.
    if (this.beside && this.active[frame.channel]) this.beside.push(frame)
    if (this.dedupe.admit(frame) && this.active[frame.channel]) this.sink.message(frame)
  }

  private opened (stream: Stream): void {
    this.isGiven = false
    const joining = setOf(stream.joining)
    this.dedupe.restrict(setOf(stream.carried))
    this.active = setOf(stream.carried.filter((channel) => !joining[channel] && channel in this.wanted))
  }

  private letIn (stream: Stream, channels: readonly string[]): void {
    const { replayed } = stream
    const isIn = setOf(channels)
    stream.joining = stream.joining.filter((channel) => !isIn[channel])
    stream.replayed = replayed.filter((frame) => !isIn[frame.channel])
    channels.forEach((channel) => { if (channel in this.wanted) this.active[channel] = true })
    replayed.forEach((frame) => { if (isIn[frame.channel] && this.active[frame.channel]) this.sink.message(frame) })
  }
}
