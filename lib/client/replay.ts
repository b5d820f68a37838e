// The history of a channel that is carried already, for one subscriber who comes late. It is fetched by polls of its own;
// ids cannot be compared, so the carrier's messages are held until both have delivered the same one.

import type { MessageFrame } from '../protocol.ts'
import { delay, FIRST_CEILING } from './backoff.ts'
import { dictionary, type Dictionary } from './dictionary.ts'
import type { Settings } from './options.ts'
import { prepare, query, send, type Answer } from './request.ts'
import { createSecret } from './secret.ts'
import type { Gap } from './gap.ts'
import { framesOf } from './transports/long-poll.ts'
import { positionAfter } from './transports/transport.ts'

export class Replay {
  private readonly settings: Settings
  private readonly channel: string
  private readonly history: number
  private readonly deliver: (frame: MessageFrame | Gap) => void
  // Under a name of its own: a newer poll of a client ends its older one.
  private readonly client: string
  /** What the polls have delivered. Null: of no use any more. */
  private delivered: Dictionary<true> | null = dictionary()
  /** The carrier has delivered something that the polls had: from there on it is enough. */
  private hasMet = false
  private held: MessageFrame[] = []
  private cursor: string | null = null
  /** Ends the poll, or the pause before the next one. */
  private undo: (() => void) | null = null

  constructor (settings: Settings, channel: string, history: number, deliver: (frame: MessageFrame | Gap) => void) {
    this.settings = settings
    this.channel = channel
    this.history = history
    this.deliver = deliver
    this.client = createSecret(settings.env)
    this.ask()
  }

  /** Takes what the carrier delivers. */
  take (message: MessageFrame | Gap): void {
    const { delivered } = this
    if (!('data' in message)) {
      // Until then, the polls tell their own gaps.
      if (this.hasMet) this.deliver(message)
    } else if (delivered && delivered[message.id]) {
      // What is held from before is older than the history that was asked for.
      this.held = []
      this.hasMet = true
      this.close()
    } else if (this.hasMet) {
      // The first beyond the polls: all that comes after it is new too.
      this.delivered = null
      this.deliver(message)
    } else {
      this.held.push(message)
      if (!this.undo) this.ask()
    }
  }

  close (): void {
    if (this.undo) this.undo()
    this.undo = null
  }

  private ask (): void {
    const { settings, cursor } = this
    let isOpen = true
    const ask = { channels: [this.channel], join: [], history: cursor === null ? [this.history] : [], cursor }
    this.undo = () => { isOpen = false }
    prepare(settings, 'long-poll', query(ask, this.client), (prepared) => {
      if (isOpen) this.undo = send(settings, prepared, null, (answer) => { this.answered(answer) })
    }, () => { if (isOpen) this.askLater() })
  }

  private answered (answer: Answer): void {
    const frames = framesOf(this.settings, answer)
    this.undo = null
    if (Array.isArray(frames)) {
      frames.forEach((frame) => {
        this.cursor = positionAfter(frame) || this.cursor
        if (!frame.type && this.delivered) this.delivered[frame.id] = true
        if (!frame.type || frame.type === 'gap') this.deliver(frame)
      })
    // Without its history, a subscriber still has what comes from here on.
    } else if (frames.fatal) this.hasMet = true
    else return this.askLater()
    this.held.splice(0).forEach((message) => { this.take(message) })
  }

  private askLater (): void {
    const { env } = this.settings
    const timer = env.setTimeout(() => { this.ask() }, delay(0, FIRST_CEILING, env.Math.random))
    this.undo = () => { env.clearTimeout(timer) }
  }
}
