// Who listens to which channel. A channel is wanted from its first subscriber to its last.

import type { Message } from '../channels.ts'
import type { GapFrame, MessageFrame } from '../protocol.ts'
import { dictionary, type Dictionary } from './dictionary.ts'
import { callSafely } from './emitter.ts'
import type { Env } from './env.ts'
import type { Replay } from './replay.ts'

export interface Gap {
  /** The channels on which messages are missing. */
  readonly channels: readonly string[]
  readonly reason: GapFrame['reason']
  /** Where the hole ends. */
  readonly cursor: string
}

export interface Subscriber {
  listener: (data: unknown, message: Message) => void
  onGap: ((gap: Gap) => void) | undefined
  history: number
}

export interface ChannelEvents {
  want (channel: string, history: number): void
  unwant (channel: string): void
  /** Fetches the history for one who comes to a channel that is already carried. Takes over until it has caught up. */
  replay (channel: string, history: number, deliver: (message: MessageFrame) => void): Replay
}

export interface Subscribers {
  add (channel: string, subscriber: Subscriber): () => void
  message (message: MessageFrame): void
  gap (gap: Gap): void
  /** Nobody is told anything any more. */
  clear (): void
}

interface Seat {
  readonly subscriber: Subscriber
  replay: Replay | null
}

interface Row {
  seats: Seat[]
  /** What was asked for the channel as a whole. */
  readonly history: number
  /** It has delivered something, or was there before this task: what it asks for is settled. */
  settled: boolean
}

export function createSubscribers (env: Env, events: ChannelEvents): Subscribers {
  const rows: Dictionary<Row> = dictionary()

  return {
    add,
    message: function (frame) {
      const row = rows[frame.channel]
      if (!row) return
      const { seats } = row
      for (let i = 0; i < seats.length; i++) {
        const seat = seats[i] as Seat
        if (seat.replay) seat.replay.take(frame)
        else deliver(seat, frame)
      }
    },
    gap: function (gap) {
      gap.channels.forEach(function (channel) {
        const row = rows[channel]
        if (!row) return
        row.seats.forEach(function (seat) {
          if (seat.subscriber.onGap) callSafely(env, seat.subscriber.onGap, [gap])
        })
      })
    },
    clear: function () {
      Object.keys(rows).forEach(function (channel) {
        (rows[channel] as Row).seats.forEach(vacate)
        delete rows[channel]
      })
    }
  }

  function add (channel: string, subscriber: Subscriber) {
    const seat: Seat = { subscriber, replay: null }
    const row = rows[channel]
    if (!row) seatFirst(channel, seat)
    else {
      row.seats = row.seats.concat(seat)
      if (subscriber.history || (row.history && !row.settled)) join(channel, row, seat)
    }
    return function () { remove(channel, seat) }
  }

  function seatFirst (channel: string, seat: Seat) {
    const row: Row = rows[channel] = { seats: [seat], history: seat.subscriber.history, settled: false }
    events.want(channel, row.history)
    env.setTimeout(function () { row.settled = true }, 0)
  }

  // Those who come in one task and agree share what is asked; any other gets its history by itself.
  function join (channel: string, row: Row, seat: Seat) {
    if (!row.settled && row.history === seat.subscriber.history) return
    seat.replay = events.replay(channel, seat.subscriber.history, function (frame) { deliver(seat, frame) })
  }

  function remove (channel: string, seat: Seat) {
    const row = rows[channel]
    const index = row ? row.seats.indexOf(seat) : -1
    if (!row || index < 0) return
    vacate(seat)
    row.seats = row.seats.filter(function (other) { return other !== seat })
    if (row.seats.length) return
    delete rows[channel]
    events.unwant(channel)
  }

  function vacate (seat: Seat) {
    if (seat.replay) seat.replay.close()
    seat.subscriber.listener = ignore
    seat.subscriber.onGap = undefined
  }

  function deliver (seat: Seat, frame: MessageFrame) {
    callSafely(env, seat.subscriber.listener, [frame.data, { id: frame.id, channel: frame.channel, data: frame.data }])
  }
}

function ignore () {}
