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
import type { RequestedChannels, SubscribeRequest } from '../request.ts'
import type { ClientTransport, TransportContext } from './transport.ts'

/**
 * A poll that is answered within this time, in ms, was not held. If the server holds polls for less than 2 s: half of
 * that.
 */
const MIN_HOLD = 1000

/** Long-polling, over `XMLHttpRequest` or `fetch`. */
export const openLongPoll: ClientTransport = (context) => {
  const { settings, channelSet, frame, end } = context
  const pace = createPace(settings.env)
  const send = createSender(context, pace)
  const loopAt = (cursor: string | null) => { loop(requestAt(channelSet, cursor)) }

  // Finds out whether the server is there, then begins the loop at the cursor. The server's `open` frame stands for a
  // subscription from now on, which nobody wants: the transport opens the connection itself, at the cursor. If the
  // log no longer reaches back that far, the first answer in the loop begins with a gap.
  const probe = (cursor: string) => {
    send(requestAt(channelSet, null), (frames) => {
      frames.forEach((one) => { frame(one.type === 'open' ? openingAt(cursor, one) : one) })
      pace.next(false, () => { loopAt(cursor) })
    })
  }

  // Sends the request, and from then on another one after each answer.
  const loop = (request: SubscribeRequest) => {
    send(request, (frames, isQuick) => {
      let { cursor } = request
      frames.forEach((one) => {
        cursor = positionAfter(one) || cursor
        frame(one)
      })
      // One answer must bring the whole join: the next request, which has no `join`, would carry the channel from its
      // cursor on.
      if (channelSet.isAwaitingJoined()) return end(networkFailure())
      const isEmpty = cursor === request.cursor ? !isOpening(request) : frames.every(isHeartbeat)
      pace.next(isEmpty && isQuick, () => { loopAt(cursor) })
    })
  }

  const { request } = channelSet
  if (request.cursor && !request.join.length) probe(request.cursor)
  else loop(request)
}

/**
 * Returns a function that sends one poll. Its `answered` is called with the frames, and whether the server has answered
 * so quickly that it cannot have held the poll.
 */
function createSender ({ settings, request, end }: TransportContext, pace: Pace) {
  const { Date } = settings.env
  let minHold = MIN_HOLD
  return (ask: SubscribeRequest, answered: (frames: Frame[], isQuick: boolean) => void) => {
    request(ask, (prepared) => {
      const sentAt = Date.now()
      const abort = poll(settings, prepared, isOpening(ask), (frames) => {
        frames.forEach((frame) => { if (frame.type === 'open') minHold = Math.min(MIN_HOLD, frame.poll / 2) })
        answered(frames, Date.now() - sentAt < minHold)
      }, end)
      return () => {
        pace.stop()
        abort()
      }
    })
  }
}

function requestAt ({ carried }: RequestedChannels, cursor: string | null): SubscribeRequest {
  return { channels: carried, join: [], history: [], cursor }
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
