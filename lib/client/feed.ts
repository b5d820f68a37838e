// What a client has received and still wants: its channels, its position in the log, and what it must not hear twice.

import type { Frame, GapFrame, HeartbeatFrame, MessageFrame } from '../protocol.ts'
import { createDedupe } from './dedupe.ts'
import { dictionary, setOf, type Dictionary } from './dictionary.ts'
import { positionAfter } from './transports/transport.ts'
import type { Ask } from './url.ts'

/** Where the frames go that the application is told of. */
export interface FeedSink {
  message (message: MessageFrame): void
  gap (gap: GapFrame): void
  denied (channels: string[]): void
  heartbeat (heartbeat: HeartbeatFrame): void
}

/** One connection, as far as its content goes. */
export interface Stream {
  readonly ask: Ask
  /** The channels that it carries or will carry. */
  carried: readonly string[]
  /** The channels that are still to be let in. */
  joining: readonly string[]
  /** What came of their history: told only when they are in. */
  replayed: MessageFrame[]
}

export interface Feed {
  want (channel: string, history: number): void
  unwant (channel: string): void
  /** Gives up the channels that could not be joined. */
  reject (channels: readonly string[]): void
  wantsAny (): boolean
  /** Other channels are wanted than this connection carries or is about to. */
  differsFrom (stream: Stream): boolean
  /** Where a connection opened now starts. */
  position (): string | null
  /** What a connection opened now asks for. A candidate beside a carrier is remembered until it takes over. */
  ask (beside: boolean): Stream
  /** The candidate is gone, or has taken over. */
  forgetBeside (): void
  overtake (): void
  /** The position is given up: what is wanted next starts at its own now. */
  reset (): void
  /** Takes in what the carrier delivered. */
  take (stream: Stream, frame: Frame): void
}

export function createFeed (sink: FeedSink, cursor: string | null): Feed {
  let position = cursor
  let dedupe = createDedupe()
  /** Delivered since the candidate's start. */
  let beside: string[] | null = null
  const wanted: Dictionary<number> = dictionary()
  const denied: Dictionary<true> = dictionary()
  /** The channels on which nothing is missing up to the position. */
  let active: Dictionary<true> = dictionary()
  let begun = cursor === null

  return {
    want: function (channel, history) {
      delete denied[channel]
      wanted[channel] = history
    },
    unwant: function (channel) {
      delete wanted[channel]
      delete denied[channel]
    },
    reject: function (channels) { channels.forEach(deny) },
    wantsAny: function () { return wantedNow().length > 0 },
    differsFrom: function (stream) {
      const carried = setOf(Object.keys(active).concat(stream.joining))
      return wantedNow().some(function (channel) { return !carried[channel] }) ||
        stream.carried.some(function (channel) { return !(channel in wanted) })
    },
    position: function () { return position },
    ask,
    forgetBeside: function () { beside = null },
    overtake: function () {
      if (beside) dedupe.remember(beside, active)
      beside = null
    },
    reset: function () {
      position = null
      begun = true
      active = dictionary()
      dedupe = createDedupe()
    },
    take
  }

  function wantedNow () {
    return Object.keys(wanted).filter(isAllowed)
  }

  function isAllowed (channel: string) {
    return !denied[channel]
  }

  function ask (isBeside: boolean): Stream {
    const channels = wantedNow()
    // A cursor that the application gave is where its first channels start.
    if (!begun) active = setOf(channels)
    // One that is dropped here misses messages from now on: were it wanted again, it would have to join.
    else active = setOf(channels.filter(function (channel) { return active[channel] }))
    const join = position === null ? [] : channels.filter(function (channel) { return !active[channel] })
    const replay = position === null ? channels : join
    if (isBeside) beside = []
    return {
      ask: { channels, join, cursor: position, history: replay.map(function (channel) { return wanted[channel] || 0 }) },
      carried: channels,
      joining: join,
      replayed: []
    }
  }

  function take (stream: Stream, frame: Frame) {
    // Before a listener is called: it may ask for the position.
    position = positionAfter(frame) || position
    switch (frame.type) {
      case undefined: return message(stream, frame)
      case 'open': return opened(stream)
      case 'joined': return joined(stream, frame.channels)
      case 'gap': return sink.gap(frame)
      case 'heartbeat': return sink.heartbeat(frame)
      case 'denied':
        frame.channels.forEach(deny)
        stream.carried = stream.carried.filter(isAllowed)
        letIn(stream, [])
        return sink.denied(frame.channels)
    }
  }

  function message (stream: Stream, frame: MessageFrame) {
    if (frame.history) {
      stream.replayed.push(frame)
      return
    }
    if (beside) beside.push(frame.id)
    if (dedupe.admit(frame) && active[frame.channel]) sink.message(frame)
  }

  function opened (stream: Stream) {
    begun = true
    const joining = setOf(stream.joining)
    active = setOf(stream.ask.channels.filter(function (channel) { return !joining[channel] && channel in wanted }))
  }

  function joined (stream: Stream, channels: readonly string[]) {
    const replayed = stream.replayed
    letIn(stream, channels)
    replayed.forEach(function (frame) {
      if (active[frame.channel]) sink.message(frame)
    })
  }

  function letIn (stream: Stream, channels: readonly string[]) {
    const set = setOf(channels)
    channels.forEach(function (channel) {
      if (channel in wanted && isAllowed(channel)) active[channel] = true
    })
    stream.joining = stream.joining.filter(function (channel) { return !set[channel] && isAllowed(channel) })
    stream.replayed = stream.replayed.filter(function (frame) { return !set[frame.channel] })
  }

  function deny (channel: string) {
    if (!(channel in wanted)) return
    denied[channel] = true
    delete active[channel]
  }
}
