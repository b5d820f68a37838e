// The history of a channel that is active already, for one late subscriber. Polls of its own fetch it, while the
// carrier continues to deliver, and no two ids can be compared. The first message that both have brought shows how
// they fit:
//
//   polls               4   5   6              delivered as they come
//   carrier     2   3   4   5   6   7   8      2, 3: older than the history, dropped. 4, 5, 6: delivered already
//                       ^ both have met        7, 8: delivered
//
// A message that the polls have not brought may be older or newer than theirs. It is held, and asks for another poll,
// until polls and carrier meet:
//
//   idle ── the channel is active, or the carrier brings a message ──> polling ── answer ──> idle
//   idle, polling ── a message of the carrier was polled ──> met

import type { Frame, MessageFrame } from '../../protocol/wire.ts'
import { dictionary } from '../browser/dictionary.ts'
import { randomId } from '../browser/random-id.ts'
import { maxDelay } from '../connection/backoff.ts'
import type { ConnectionFailure } from '../connection/failure.ts'
import { positionAfter } from '../connection/frames.ts'
import { poll } from '../connection/poll.ts'
import { prepare, query } from '../connection/request.ts'
import { gapIn, type Gap } from '../events.ts'
import type { Settings } from '../options.ts'
import type { LocalSubscriber } from './subscriber.ts'

/** A poll that was not answered within this time, in ms, is sent again. */
const POLL_TIMEOUT = 30_000

/** Stands between the carrier and a late subscriber. */
export class LateHistory implements Pick<LocalSubscriber, 'onFrame'> {
  readonly #settings: Settings
  readonly #subscriber: LocalSubscriber
  // An id of its own, because a newer poll of a client ends its older one.
  readonly #client: string
  readonly #polled = dictionary<true>()
  #state: 'polling' | 'idle' | 'met' = 'idle'
  /** What the carrier has brought and the polls have not. */
  #held: MessageFrame[] = []
  /** The cursor to which the polls have led. */
  #cursor: string | null = null
  /** Another object with each poll: the outcome of an older one is ignored. */
  #generation: object = {}
  #timer: number | undefined

  constructor (settings: Settings, subscriber: LocalSubscriber) {
    this.#settings = settings
    this.#subscriber = subscriber
    this.#client = randomId(settings.env)
  }

  /**
   * To be called when the channel is active, and whenever it becomes so again. What was polled before may end where the
   * carrier has not begun yet.
   */
  onActive (): void {
    if (this.#state !== 'met') this.#poll()
  }

  /** Takes what the carrier delivers. */
  onFrame (frame: MessageFrame | Gap): void {
    const isMessage = 'data' in frame
    if (isMessage && this.#polled[frame.id]) this.#meet()
    else if (this.#state === 'met') this.#subscriber.onFrame(frame)
    else if (isMessage) {
      this.#held.push(frame)
      if (this.#state === 'idle') this.#poll()
    }
    // Else a gap of the carrier: until both have met, the polls have their own.
  }

  /** Stops polling. */
  close (): void {
    this.#generation = {}
    this.#settings.env.clearTimeout(this.#timer)
  }

  #meet (): void {
    this.close()
    this.#state = 'met'
    this.#held = []
  }

  #poll (): void {
    const settings = this.#settings
    const cursor = this.#cursor
    const generation = this.#generation = {}
    const isCurrent = () => this.#generation === generation
    const answered = (frames: Frame[]) => { if (isCurrent()) this.#answered(frames) }
    const failed = (failure: ConnectionFailure) => { if (isCurrent()) this.#failed(failure) }
    this.#state = 'polling'
    this.#pollAfter(POLL_TIMEOUT)
    const { channel, history } = this.#subscriber
    const request = { channels: [channel], join: [], history: cursor ? [] : [history], cursor }
    prepare(settings, 'long-poll', query(request, this.#client), (prepared) => {
      poll(settings, prepared, !cursor, answered, failed)
    }, failed)
  }

  #pollAfter (ms: number): void {
    const { env } = this.#settings
    env.clearTimeout(this.#timer)
    this.#timer = env.setTimeout(() => { this.#poll() }, ms)
  }

  #answered (frames: readonly Frame[]): void {
    this.close()
    const generation = this.#generation
    frames.forEach((frame) => {
      this.#cursor = positionAfter(frame) || this.#cursor
      if (!frame.type) {
        this.#polled[frame.id] = true
        this.#subscriber.onFrame(frame)
      } else if (frame.type === 'gap') this.#subscriber.onFrame(gapIn(frame))
    })
    // A listener may have unsubscribed: then nothing may poll again.
    if (this.#generation === generation) this.#release()
  }

  #failed ({ fatal }: ConnectionFailure): void {
    const { Math } = this.#settings.env
    if (!fatal) return this.#pollAfter(Math.random() * maxDelay(2))
    // Without its history, the subscriber still receives what comes from here on.
    this.close()
    this.#state = 'met'
    this.#release()
  }

  /** Compares again what the carrier has brought so far. Another poll is sent only if none of it was polled. */
  #release (): void {
    this.#held.splice(0).forEach((message) => { this.onFrame(message) })
    if (this.#state === 'met') return
    this.#state = 'idle'
    if (this.#held.length) this.#poll()
  }
}
