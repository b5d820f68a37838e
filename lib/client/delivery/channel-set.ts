// The channels of one connection, and how those that are new to the client join the others.
//
//   joining ── `joined` frame ──> replayed ── the repeats are over ──> joined
//
// What comes on joining channels is held until the set has joined: delivered earlier, it would overtake messages that
// the connection has yet to repeat. A set without joining channels has joined from the start.

import type { Frame, MessageFrame } from '../../protocol/wire.ts'
import type { RequestedChannels, SubscribeRequest } from '../connection/request.ts'
import { Overlap, type Verdict } from './overlap.ts'

/** What one connection subscribes to. */
export class ChannelSet implements RequestedChannels {
  /** The query that the connection was opened with. */
  readonly request: SubscribeRequest
  /** Compares what the connection brings with what its predecessor has delivered since the request. */
  readonly overlap: Overlap
  /** The channels that the connection carries, or will carry: those requested, except the denied ones. */
  carried: readonly string[]
  /** Those of the carried channels whose messages are held, until the set has joined. */
  joining: readonly string[]
  readonly #isActive: (channel: string) => boolean
  #state: 'joining' | 'replayed' | 'joined'
  #held: MessageFrame[] = []

  /**
   * @param isActive whether a channel's messages are delivered as they come: nothing of it is missing up to the
   * position
   */
  constructor (request: SubscribeRequest, isActive: (channel: string) => boolean) {
    this.request = request
    this.overlap = new Overlap(isActive)
    this.#isActive = isActive
    this.carried = request.channels
    this.joining = request.join
    this.#state = request.join.length ? 'joining' : 'joined'
  }

  /** Whether the server has yet to send `joined`. */
  isAwaitingJoined (): boolean {
    return this.#state === 'joining'
  }

  /** Whether the repeats are over and the server has sent `joined`: the time for `join`. */
  canJoin (): boolean {
    return this.#state === 'replayed' && this.overlap.isOver()
  }

  /** The verdict on the connection's next frame. */
  accept (frame: Frame): Verdict {
    // Another connection was first to let a joining channel in: its history would be delivered twice.
    if (frame.type === 'open' && this.joining.some(this.#isActive)) return 'diverged'
    return this.overlap.accept(frame)
  }

  /** The carrier has delivered this message: expects it of this set's connection too, if that carries the channel. */
  expectRepeat ({ channel, id }: MessageFrame): void {
    if (contains(this.carried, channel) && !contains(this.joining, channel)) this.overlap.expect(id)
  }

  /** Keeps a message of a joining channel for later. Returns false for any other message. */
  hold (message: MessageFrame): boolean {
    const isHeld = contains(this.joining, message.channel)
    if (isHeld) this.#held.push(message)
    return isHeld
  }

  /** The server has sent `joined`: all history of the joining channels is here. */
  replayed (): void {
    if (this.isAwaitingJoined()) this.#state = 'replayed'
  }

  /** Ends the join. Returns the channels that have joined, and the messages held for them. */
  join (): { channels: readonly string[], messages: readonly MessageFrame[] } {
    const channels = this.joining
    const messages = this.#held
    this.#state = 'joined'
    this.joining = []
    this.#held = []
    return { channels, messages }
  }

  /** Removes channels that the server does not admit. */
  remove (denied: readonly string[]): void {
    const isAdmitted = (channel: string) => !contains(denied, channel)
    this.carried = this.carried.filter(isAdmitted)
    this.joining = this.joining.filter(isAdmitted)
    if (!this.joining.length) this.join()
  }
}

function contains (channels: readonly string[], channel: string): boolean {
  return channels.indexOf(channel) >= 0
}
