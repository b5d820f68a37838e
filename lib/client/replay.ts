// The history of a channel that is carried already, for one subscriber who comes late. It is fetched by polls of its own;
// ids cannot be compared, so the carrier's messages are held until both have delivered the same one.

import type { MessageFrame } from '../protocol.ts'
import { delay, FIRST_CEILING } from './backoff.ts'
import { dictionary, type Dictionary } from './dictionary.ts'
import type { Env } from './env.ts'
import type { Settings } from './options.ts'
import { prepare, query, send, type Answer } from './request.ts'
import { createSecret } from './secret.ts'
import { framesOf } from './transports/long-poll.ts'
import { positionAfter } from './transports/transport.ts'

export class Replay {
  private readonly env: Env
  private readonly settings: Settings
  private readonly channel: string
  private readonly history: number
  private readonly deliver: (message: MessageFrame) => void
  // Under a name of its own: a newer poll of a client ends its older one.
  private readonly client: string
  /** What the polls have delivered. Null: of no use any more. */
  private delivered: Dictionary<true> | null = dictionary()
  /** The carrier has delivered something that the polls had. */
  private hasMet = false
  private held: MessageFrame[] = []
  private cursor: string | null = null
  private isAsking = false
  private undo: (() => void) | null = null

  constructor (env: Env, settings: Settings, channel: string, history: number, deliver: (message: MessageFrame) => void) {
    this.env = env
    this.settings = settings
    this.channel = channel
    this.history = history
    this.deliver = deliver
    this.client = createSecret(env)
    this.ask()
  }

  /** Takes a message of the carrier. */
  take (message: MessageFrame): void {
    const { delivered } = this
    if (delivered && delivered[message.id]) {
      // What is held from before is older than the history that was asked for.
      this.held = []
      this.hasMet = true
      this.close()
    } else if (!delivered || this.hasMet) {
      // The first beyond the polls: all that comes after it is new too.
      this.delivered = null
      this.deliver(message)
    } else {
      this.held.push(message)
      this.ask()
    }
  }

  close (): void {
    if (this.undo) this.undo()
    this.undo = null
  }

  private ask (): void {
    if (this.isAsking) return
    this.isAsking = true
    const { env, settings, cursor } = this
    let isOpen = true
    this.undo = () => { isOpen = false }
    const ask = { channels: [this.channel], join: [], history: cursor === null ? [this.history] : [], cursor }
    prepare(settings, 'long-poll', query(ask, this.client, ''), (prepared) => {
      if (isOpen) this.undo = send(env, settings, prepared, null, (answer) => { this.answered(answer) })
    }, () => { if (isOpen) this.later() })
  }

  private answered (answer: Answer): void {
    const frames = framesOf(this.env, answer)
    if (!Array.isArray(frames)) {
      // Without its history, a subscriber still has what comes from here on.
      if (frames.fatal) this.hasMet = true
      return this.later()
    }
    this.isAsking = false
    frames.forEach((frame) => {
      this.cursor = positionAfter(frame) || this.cursor
      if (frame.type || !this.undo || !this.delivered) return
      this.delivered[frame.id] = true
      this.deliver(frame)
    })
    this.held.splice(0).forEach((message) => { if (this.undo || this.hasMet) this.take(message) })
  }

  private later (): void {
    const timer = this.env.setTimeout(() => {
      this.isAsking = false
      if (this.hasMet) this.held.splice(0).forEach((message) => { this.take(message) })
      else this.ask()
    }, delay(0, FIRST_CEILING, this.env.Math.random))
    this.undo = () => { this.env.clearTimeout(timer) }
  }
}
