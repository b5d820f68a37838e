import type { Frame } from '../../protocol.ts'
import type { Settings } from '../options.ts'
import { send, type Answer, type Prepared } from '../request.ts'
import { broken, isFrame, parse, positionAfter, refusedBy, type End, type Handlers, type Transport, type TransportRequest } from './transport.ts'

/** ms: a poll answered sooner, with nothing in it, was not held; and the pause before the next one then. */
const TOO_SOON = 500
const PAUSE = 1000

/** One request after another, each at the position that the frames before have led to. Safe to repeat. */
export const longPoll: Transport = (request, handlers) => {
  const polls = new Polls(request, handlers)
  polls.start()
  return () => { polls.close() }
}

class Polls {
  private readonly request: TransportRequest
  private readonly handlers: Handlers
  private cursor: string | null
  private timer: number | undefined
  private abort: (() => void) | null = null
  private isOpen = true

  constructor (request: TransportRequest, handlers: Handlers) {
    this.request = request
    this.handlers = handlers
    this.cursor = request.cursor
  }

  start (): void {
    const { cursor, joins } = this.request
    // A poll at a cursor is held; whether the server is there at all, one without a cursor tells at once.
    const pings = cursor !== null && !joins
    this.request.prepare(pings ? 'ping' : 'stream', pings ? null : cursor, (prepared) => { this.send(prepared, pings) })
  }

  close (): void {
    this.isOpen = false
    this.request.settings.env.clearTimeout(this.timer)
    if (this.abort) this.abort()
  }

  private next (): void {
    this.request.prepare('next', this.cursor, (prepared) => { this.send(prepared, false) })
  }

  private send (prepared: Prepared, pings: boolean): void {
    const { settings } = this.request
    const { env } = settings
    const sentAt = env.Date.now()
    this.abort = send(settings, prepared, null, (answer) => {
      const frames = framesOf(settings, answer)
      if (!Array.isArray(frames)) return this.handlers.end(frames)
      for (let i = 0; i < frames.length && this.isOpen; i++) this.take(frames[i] as Frame, pings)
      if (!this.isOpen) return
      const isIdle = frames.every((frame) => frame.type === 'heartbeat')
      if (isIdle && env.Date.now() - sentAt < TOO_SOON) this.timer = env.setTimeout(() => { this.next() }, PAUSE)
      else this.next()
    })
  }

  private take (frame: Frame, pings: boolean): void {
    if (pings && frame.type === 'open') {
      frame.cursor = this.cursor as string
      frame.resumed = true
    }
    this.cursor = positionAfter(frame) || this.cursor
    this.handlers.frame(frame)
  }
}

/** The frames of a poll's answer, or what went wrong. */
export function framesOf (settings: Settings, answer: Answer): Frame[] | End {
  if (answer.status !== 200) return refusedBy(settings, answer)
  const frames = parse(answer.text)
  return Array.isArray(frames) ? frames.filter(isFrame) : broken('no frames')
}
