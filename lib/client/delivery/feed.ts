// What a client has received and still wants: its channels, its position in the log, and what it must not hear twice.

import type { Frame, GapFrame, MessageFrame } from '../../protocol/wire.ts'
import { dictionary } from '../browser/dictionary.ts'
import { gapIn, type Emit, type Gap } from '../events.ts'
import type { Subscriber } from './subscriber.ts'
import type { Settings } from '../options.ts'
import { LateHistory } from './late-history.ts'
import type { ChannelSet } from '../connection/channel-set.ts'
import { positionAfter } from '../connection/frames.ts'

/** A channel that is subscribed to. */
interface Row {
  takers: Pick<Subscriber, 'onFrame'>[]
  /** What was asked for the first of them. */
  readonly history: number
  isDenied?: boolean
}

export class Feed {
  /** All up to here was delivered, on all active channels. Null: nowhere yet. */
  position: string | null
  /** The channels of the connection that is tried beside the carrier. */
  candidate: ChannelSet | null = null
  private readonly settings: Settings
  private readonly emit: Emit
  /** Other channels are wanted, or carried, than before. */
  private readonly changed: () => void
  private readonly rows = dictionary<Row>()
  /** The channels on which nothing is missing up to the position. */
  private active = dictionary<boolean | undefined>()
  /** Nothing came yet: the channels of the first connection start where it starts. */
  private isFresh = true

  constructor (settings: Settings, emit: Emit, changed: () => void) {
    this.settings = settings
    this.emit = emit
    this.changed = changed
    this.position = settings.cursor || null
  }

  /** Returns its undo. */
  subscribe (seat: Subscriber): () => void {
    const { rows } = this
    const { channel, history } = seat
    const known = rows[channel]
    const row: Row = known || { takers: [], history }
    // Whoever comes to a channel that is wanted already gets his history by himself, and not that of another.
    const replay = known && (history || known.history) ? new LateHistory(this.settings, seat) : null
    const taker = replay || seat
    row.takers = row.takers.concat(taker)
    rows[channel] = row
    // What was left just now goes on where it is, and brings no history.
    if (!known && history) this.active[channel] = false
    this.changed()
    return () => {
      if (replay) replay.close()
      row.takers = row.takers.filter((other) => other !== taker)
      if (!row.takers.length) delete rows[channel]
      this.changed()
    }
  }

  /** The channels wanted: from the first subscriber to the last, unless they are denied. */
  channels (): string[] {
    return Object.keys(this.rows).filter((channel) => !(this.rows[channel] as Row).isDenied)
  }

  /** Other channels are wanted than this connection carries or is about to. */
  differsFrom ({ carried, joining }: ChannelSet): boolean {
    const wants = this.channels()
    return wants.some((channel) => !this.active[channel] && joining.indexOf(channel) < 0) ||
      carried.some((channel) => wants.indexOf(channel) < 0)
  }

  /** Gives up the channels that the server does not let in. */
  deny (channels: readonly string[]): void {
    channels.forEach((channel) => {
      const row = this.rows[channel]
      this.active[channel] = false
      if (row) row.isDenied = true
    })
    this.emit('denied', { channels })
    this.changed()
  }

  /** What a connection opened now asks for. */
  nextChannelSet (): ChannelSet {
    const { position, rows, active } = this
    const channels = this.channels()
    // One that is left out misses messages from now on: were it wanted again, it would have to join.
    this.active = dictionary()
    channels.forEach((channel) => { this.active[channel] = active[channel] })
    const join = this.isFresh || !position ? [] : channels.filter((channel) => !active[channel])
    const history = (position ? join : channels).map((channel) => (rows[channel] as Row).history)
    return { request: { channels, join, history, cursor: position }, carried: channels, joining: join, replayed: [], known: [] }
  }

  /** Gives up the position: what is wanted next starts at its own now. */
  reset (): void {
    this.position = null
    this.isFresh = true
    this.active = dictionary()
  }

  /**
   * Takes in what the carrier delivered, and notes in the candidate's stream what will come again there. False: the carrier
   * does not repeat what it should. The position stands before all that it brought, for another connection to start from.
   */
  receive (stream: ChannelSet, frame: Frame): boolean {
    const { known } = stream
    const isKnown = !frame.type && frame.id === known[0]
    if (isKnown) known.shift()
    else if (this.isAstray(stream, frame)) return false
    // Before a listener is called: it may ask for the position.
    if (!known.length) this.position = positionAfter(frame) || this.position
    if (!isKnown) this.tell(stream, frame)
    if (stream.isJoined && !known.length) {
      this.letIn(stream.joining)
      stream.joining = []
      stream.replayed.splice(0).forEach((message) => { this.deliver(message.channel, message) })
    }
    return true
  }

  /** Something new where known messages should be; or it would let in what is in already. */
  private isAstray ({ known, joining }: ChannelSet, frame: Frame): boolean {
    const isActive = (channel: string) => this.active[channel] || false
    if (!known.length) return frame.type === 'open' && joining.some(isActive)
    if (!frame.type) return !frame.history && isActive(frame.channel)
    return frame.type === 'heartbeat' || (/gap|denied/.test(frame.type) && (frame as GapFrame).channels.some(isActive))
  }

  private tell (stream: ChannelSet, frame: Frame): void {
    if (!frame.type) this.message(stream, frame)
    else if (frame.type === 'open') {
      this.letIn(this.isFresh ? stream.carried : [])
      this.isFresh = false
    } else if (frame.type === 'joined') stream.isJoined = true
    else if (frame.type === 'heartbeat') this.emit('heartbeat', { cursor: frame.cursor, time: frame.time })
    else if (frame.type === 'gap') {
      const gap = gapIn(frame)
      frame.channels.forEach((channel) => { this.tellAll(channel, gap) })
      this.emit('gap', gap)
    } else if (frame.type === 'denied') {
      const isIn = (channel: string) => frame.channels.indexOf(channel) < 0
      stream.carried = stream.carried.filter(isIn)
      stream.joining = stream.joining.filter(isIn)
      this.deny(frame.channels)
    }
  }

  private message ({ joining, replayed }: ChannelSet, frame: MessageFrame): void {
    const { channel } = frame
    const { candidate } = this
    if (joining.indexOf(channel) >= 0) replayed.push(frame)
    else {
      if (candidate && candidate.carried.indexOf(channel) >= 0 && candidate.joining.indexOf(channel) < 0) candidate.known.push(frame.id)
      this.deliver(channel, frame)
    }
  }

  private letIn (channels: readonly string[]): void {
    channels.forEach((channel) => { this.active[channel] = channel in this.rows })
    this.changed()
  }

  private deliver (channel: string, message: MessageFrame): void {
    if (this.active[channel]) this.tellAll(channel, message)
  }

  private tellAll (channel: string, frame: MessageFrame | Gap): void {
    const row = this.rows[channel]
    if (row) row.takers.forEach((taker) => { taker.onFrame(frame) })
  }
}
