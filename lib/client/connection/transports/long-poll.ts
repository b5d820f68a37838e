// One request after another, each at the cursor to which the answers so far have led. Each is safe to repeat.
//
// The server holds a poll at a cursor until there is something to deliver. Its silence therefore does not tell
// whether the server can be reached, and a connection that resumes asks for that first, without a cursor, which is
// answered immediately:
//
//   at a cursor, no channel joins:  probe ──> loop
//   otherwise:                                loop

import type { Frame, OpenFrame } from '../../../protocol/wire.ts'
import { networkFailure } from '../failure.ts'
import { positionAfter } from '../frames.ts'
import { createPace, type Pace } from '../pace.ts'
import { poll } from '../poll.ts'
import type { SubscribeRequest } from '../request.ts'
import type { Transport, TransportContext } from './transport.ts'

/**
 * A poll that is answered within this time, in ms, was not held. If the server holds polls for less than 2 s: half of
 * that.
 */
const MIN_HOLD = 1000

/** Long-polling, over `XMLHttpRequest` or `fetch`. */
export const longPoll: Transport = (context) => {
  const { request } = context.channelSet
  const poller = new Poller(context)
  if (request.cursor && !request.join.length) poller.probe(request.cursor)
  else poller.loop(request)
}

class Poller {
  readonly #context: TransportContext
  readonly #pace: Pace
  #minHold = MIN_HOLD

  constructor (context: TransportContext) {
    this.#context = context
    this.#pace = createPace(context.settings.env)
  }

  /**
   * Finds out whether the server is there, then begins the loop at the cursor. The server's `open` frame stands for a
   * subscription from now on, which nobody wants: the transport opens the connection itself, at the cursor. If the
   * log no longer reaches back that far, the first answer in the loop begins with a gap.
   */
  probe (cursor: string): void {
    this.#send(this.#requestAt(null), (frames) => {
      frames.forEach((frame) => { this.#context.frame(frame.type === 'open' ? openingAt(cursor, frame) : frame) })
      this.#pace.next(false, () => { this.loop(this.#requestAt(cursor)) })
    })
  }

  /** Sends the request, and from then on another one after each answer. */
  loop (request: SubscribeRequest): void {
    this.#send(request, (frames, elapsed) => {
      let { cursor } = request
      frames.forEach((frame) => {
        cursor = positionAfter(frame) || cursor
        this.#context.frame(frame)
      })
      // One answer must bring the whole join: the next request, which has no `join`, would carry the channel from its
      // cursor on.
      if (this.#context.channelSet.isAwaitingJoined()) return this.#context.end(networkFailure())
      const hasMoved = cursor !== request.cursor
      const isEmpty = hasMoved ? frames.every(isHeartbeat) : !isOpening(request)
      this.#pace.next(isEmpty && elapsed < this.#minHold, () => { this.loop(this.#requestAt(cursor)) })
    })
  }

  /** `answered` is called with the frames, and with the ms that the server took to answer. */
  #send (request: SubscribeRequest, answered: (frames: Frame[], elapsed: number) => void): void {
    const { settings, end } = this.#context
    const { Date } = settings.env
    this.#context.request(request, (prepared) => {
      const sentAt = Date.now()
      const abort = poll(settings, prepared, isOpening(request), (frames) => {
        frames.forEach((frame) => { if (frame.type === 'open') this.#minHold = Math.min(MIN_HOLD, frame.poll / 2) })
        answered(frames, Date.now() - sentAt)
      }, end)
      return () => {
        this.#pace.stop()
        abort()
      }
    })
  }

  #requestAt (cursor: string | null): SubscribeRequest {
    return { channels: this.#context.channelSet.carried, join: [], history: [], cursor }
  }
}

/** Whether the server answers a request immediately, with an `open` frame. */
function isOpening ({ cursor, join }: SubscribeRequest): boolean {
  return !cursor || join.length > 0
}

/** The transport's own opening of a connection that resumes at a cursor, with the times of the server. */
function openingAt (cursor: string, { heartbeat, poll: hold }: OpenFrame): OpenFrame {
  return { type: 'open', cursor, resumed: true, heartbeat, poll: hold }
}

function isHeartbeat ({ type }: Frame): boolean {
  return type === 'heartbeat'
}
