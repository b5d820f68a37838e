import type { Frame } from '../../../protocol/wire.ts'
import { networkFailure, failureFromResponse, type ConnectionFailure } from '../failure.ts'
import { send, type Prepared } from '../http.ts'
import type { Settings } from '../../options.ts'
import { createPace } from '../pace.ts'
import type { SubscribeRequest } from '../request.ts'
import { isFrame, parse, positionAfter } from '../frames.ts'
import type { Transport } from './transport.ts'

/** ms: a poll that is answered sooner was not held. Where the server holds polls for less than two seconds, half of its own time. */
const HELD = 1000

/** One request after another, each at the position that the frames before have led to. Safe to repeat. */
export const longPoll: Transport = ({ settings, channelSet, request, frame, end }) => {
  const { env } = settings
  const ask = channelSet.request
  let { cursor } = ask
  let held = HELD
  const pace = createPace(env)
  // A poll at a cursor is held; whether the server is there at all, one without a cursor tells at once.
  const isPing = !!cursor && !ask.join.length
  next(isPing ? further(null) : ask, isPing)

  function further (cursor: string | null): SubscribeRequest {
    return { channels: channelSet.carried, join: [], history: [], cursor }
  }

  function next (ask: SubscribeRequest, isPing: boolean) {
    request(ask, (prepared) => {
      const sentAt = env.Date.now()
      const opens = !ask.cursor || ask.join.length > 0
      const abort = poll(settings, prepared, opens, (frames) => {
        frames.forEach((one) => {
          if (one.type === 'open') held = Math.min(HELD, one.poll / 2)
          if (isPing && one.type === 'open') {
            one.cursor = cursor as string
            one.resumed = true
          }
          cursor = positionAfter(one) || cursor
          frame(one)
        })
        // What joins is let in by one answer: asked again without `join`, it would be carried from the cursor on.
        if (channelSet.isAwaitingJoined) return end(networkFailure())
        const isEmpty = cursor === ask.cursor ? !opens : frames.every(({ type }) => type === 'heartbeat')
        pace.next(isEmpty && env.Date.now() - sentAt < held, () => { next(further(cursor), false) })
      }, end)
      return () => {
        pace.stop()
        abort()
      }
    })
  }
}

/**
 * Calls `done` with the frames of the answer, or `failed`. Where the server `opens` with its answer, that frame comes first.
 * Returns its undo. Throws what the browser throws.
 */
export function poll (settings: Settings, prepared: Prepared, opens: boolean, done: (frames: Frame[]) => void, failed: (end: ConnectionFailure) => void): () => void {
  return send(settings, prepared, null, (answer) => {
    const body = answer.status === 200 && parse(answer.responseText)
    const frames = Array.isArray(body) ? body.filter(isFrame) : []
    const first = frames[0]
    if (first && (!opens || /^(open|close|error)$/.test('' + first.type))) done(frames)
    else failed(failureFromResponse(settings, prepared, answer))
  })
}
