import type { Frame, OpenFrame } from '../../protocol.ts'
import type { Env } from '../env.ts'
import { send, type HttpAnswer } from '../http.ts'
import { broken, parse, positionAfter, refusedBy, type End, type Transport } from './transport.ts'

/** ms: a poll answered sooner, with nothing in it, was not held. */
const TOO_SOON = 500
/** ms between polls that are not held. */
const PAUSE = 1000

/** One request after another, each at the position that the frames before have led to. Safe to repeat. */
export const longPoll: Transport = function (env, request, handlers) {
  let open = true
  let cursor = request.cursor
  let abort: (() => void) | null = null
  let timer: unknown
  let sentAt = 0

  // A poll at a cursor is held; whether the server is there at all, a poll without one tells at once.
  if (cursor !== null && !request.joins) ask('ping', null, pong)
  else ask('stream', cursor, answered)
  return close

  function ask (kind: 'stream' | 'ping' | 'next', from: string | null, done: (frames: Frame[]) => void) {
    request.prepare(kind, from, function (prepared) {
      if (!open) return
      sentAt = env.now()
      const get = { method: 'GET' as const, url: prepared.url, headers: prepared.headers, withCredentials: request.withCredentials }
      abort = send(env, get, function (answer) {
        const frames = framesOf(env, answer)
        if (Array.isArray(frames)) done(frames)
        else end(frames)
      })
    })
  }

  function pong (frames: Frame[]) {
    deliver(frames.map(function (frame) {
      return frame.type === 'open' ? atCursor(frame, cursor as string) : frame
    }))
    if (open) next()
  }

  function answered (frames: Frame[]) {
    deliver(frames)
    if (!open) return
    const idle = frames.every(function (frame) { return frame.type === 'heartbeat' })
    if (idle && env.now() - sentAt < TOO_SOON) timer = env.setTimeout(next, PAUSE)
    else next()
  }

  function next () {
    ask('next', cursor, answered)
  }

  function deliver (frames: Frame[]) {
    for (let i = 0; i < frames.length && open; i++) {
      const frame = frames[i] as Frame
      cursor = positionAfter(frame) || cursor
      handlers.frame(frame)
    }
  }

  function end (cause: End) {
    if (!open) return
    close()
    handlers.end(cause)
  }

  function close () {
    open = false
    env.clearTimeout(timer)
    if (abort) abort()
  }
}

/** The frames of a poll's answer, or what went wrong. */
export function framesOf (env: Env, answer: HttpAnswer): Frame[] | End {
  if (answer.status !== 200) return refusedBy(env, answer)
  const frames = parse(answer.text)
  return Array.isArray(frames) ? frames : broken('the answer is no list of frames')
}

function atCursor (frame: OpenFrame, cursor: string): OpenFrame {
  return { type: 'open', cursor, resumed: true, heartbeat: frame.heartbeat, poll: frame.poll }
}
