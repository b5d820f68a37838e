// The history of a channel that is carried already, for one subscriber who comes late. It is fetched by polls of its own;
// ids cannot be compared, so the carrier's messages are held until both have delivered the same one.

import type { Frame, MessageFrame } from '../../protocol/wire.ts'
import { ceiling } from '../connection/backoff.ts'
import { dictionary } from '../browser/dictionary.ts'
import { requestFailure, type ConnectionFailure } from '../connection/failure.ts'
import { gapIn, type Gap } from '../events.ts'
import type { Subscriber } from './subscriber.ts'
import type { Settings } from '../options.ts'
import { poll } from '../connection/poll.ts'
import { prepare, query } from '../connection/request.ts'
import { randomId } from '../browser/random-id.ts'
import { positionAfter } from '../connection/frames.ts'

/** ms after which a poll that was not answered is sent again */
const PATIENCE = 30_000

export class LateHistory {
  private readonly settings: Settings
  private readonly seat: Subscriber
  // Under a name of its own: a newer poll of a client ends its older one.
  private readonly client: string
  /** What the polls have delivered. */
  private readonly polled = dictionary<true>()
  /** The carrier has delivered something that the polls had: from there on it is enough. */
  private hasMet: boolean | undefined
  private held: MessageFrame[] = []
  private cursor: string | null = null
  private isAsking: boolean | undefined
  /** What comes of an earlier turn is of no interest any more. */
  private turn = 0
  private timer: number | undefined

  constructor (settings: Settings, seat: Subscriber) {
    this.settings = settings
    this.seat = seat
    this.client = randomId(settings.env)
    this.ask()
  }

  /** Takes what the carrier delivers. */
  onFrame (frame: MessageFrame | Gap): void {
    if ('data' in frame && this.polled[frame.id]) {
      // What is held from before is older than the history that was asked for.
      this.held = []
      this.hasMet = true
      this.close()
    } else if (this.hasMet) this.seat.onFrame(frame)
    // Until then, the polls tell their own gaps.
    else if ('data' in frame) {
      this.held.push(frame)
      if (!this.isAsking) this.ask()
    }
  }

  close (): void {
    this.turn++
    this.isAsking = false
    this.settings.env.clearTimeout(this.timer)
  }

  private ask (): void {
    const { settings, seat, cursor } = this
    const turn = ++this.turn
    const inTurn = <T>(then: (value: T) => void) => (value: T) => { if (turn === this.turn) then(value) }
    const failed = inTurn((end: ConnectionFailure) => {
      if (!end.fatal) return this.askLater(settings.env.Math.random() * ceiling(2))
      // Without its history, a subscriber still has what comes from here on.
      this.hasMet = true
      this.answered([])
    })
    this.isAsking = true
    this.askLater(PATIENCE)
    const ask = { channels: [seat.channel], join: [], history: cursor ? [] : [seat.history], cursor }
    prepare(settings, 'long-poll', query(ask, this.client), (prepared) => {
      try {
        poll(settings, prepared, !cursor, inTurn((frames) => { this.answered(frames) }), failed)
      } catch (reason) {
        failed(requestFailure(reason))
      }
    }, failed)
  }

  private askLater (ms: number): void {
    const { env } = this.settings
    env.clearTimeout(this.timer)
    this.timer = env.setTimeout(() => { this.ask() }, ms)
  }

  private answered (frames: readonly Frame[]): void {
    this.close()
    frames.forEach((frame) => {
      this.cursor = positionAfter(frame) || this.cursor
      if (!frame.type) {
        this.polled[frame.id] = true
        this.seat.onFrame(frame)
      } else if (frame.type === 'gap') this.seat.onFrame(gapIn(frame))
    })
    this.held.splice(0).forEach((message) => { this.onFrame(message) })
  }
}
