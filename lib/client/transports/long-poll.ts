import type { Frame } from '../../protocol.ts'
import { lost, refusedBy, type End } from '../end.ts'
import { send, type Prepared } from '../http.ts'
import type { Settings } from '../options.ts'
import type { Ask } from '../request.ts'
import { isFrame, parse, positionAfter } from '../wire.ts'
import type { Transport } from './transport.ts'

/** ms: a poll answered sooner, with nothing in it, was not held; and the pause before the next one then. */
const TOO_SOON = 500
const PAUSE = 1000

/** One request after another, each at the position that the frames before have led to. Safe to repeat. */
export const longPoll: Transport = ({ settings, stream, request, frame, end }) => {
  const { env } = settings
  const { ask } = stream
  let { cursor } = ask
  // A poll at a cursor is held; whether the server is there at all, one without a cursor tells at once.
  const isPing = !!cursor && !ask.join.length
  next(isPing ? further(null) : ask, isPing)

  function further (cursor: string | null): Ask {
    return { channels: stream.carried, join: [], history: [], cursor }
  }

  function next (ask: Ask, isPing: boolean) {
    request(ask, (prepared) => {
      const sentAt = env.Date.now()
      return poll(settings, prepared, (frames) => {
        frames.forEach((one) => {
          if (isPing && one.type === 'open') {
            one.cursor = cursor as string
            one.resumed = true
          }
          cursor = positionAfter(one) || cursor
          frame(one)
        })
        // What joins is let in by one answer: asked again without `join`, it would be carried from the cursor on.
        if (stream.joining.length && !stream.isJoined) return end(lost())
        const again = () => { next(further(cursor), false) }
        if (env.Date.now() - sentAt < TOO_SOON && frames.every(({ type }) => type === 'heartbeat')) env.setTimeout(again, PAUSE)
        else again()
      }, end)
    })
  }
}

/** Calls `done` with the frames of the answer, or `failed`. Returns its undo. Throws what the browser throws. */
export function poll (settings: Settings, prepared: Prepared, done: (frames: Frame[]) => void, failed: (end: End) => void): () => void {
  return send(settings, prepared, null, (answer) => {
    const frames = answer.status === 200 && parse(answer.responseText)
    if (Array.isArray(frames)) done(frames.filter(isFrame))
    else failed(refusedBy(settings, prepared, answer))
  })
}
