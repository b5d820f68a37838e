// Who listens to which channel. A channel is wanted from its first subscriber to its last.

import type { Message } from '../channels.ts'
import type { MessageFrame } from '../protocol.ts'
import { dictionary, type Dictionary } from './dictionary.ts'
import { callSafely } from './emitter.ts'
import type { Env } from './env.ts'
import type { Gap } from './gap.ts'
import type { Catching, Link } from './link.ts'

export interface Subscriber {
  readonly listener: (data: unknown, message: Message) => void
  readonly onGap: ((gap: Gap) => void) | undefined
  readonly history: number
}

interface Seat {
  readonly subscriber: Subscriber
  catching: Catching | null
  isTaken: boolean
}

interface Row {
  seats: Seat[]
  /** What was asked for all of them. */
  readonly history: number
  /** Still the task in which it was first wanted. */
  isNew: boolean
}

export class Subscribers {
  private readonly env: Env
  private readonly link: Link
  private readonly rows: Dictionary<Row> = dictionary()

  constructor (env: Env, link: Link) {
    this.env = env
    this.link = link
  }

  /** Returns its undo. */
  add (channel: string, subscriber: Subscriber): () => void {
    const seat: Seat = { subscriber, catching: null, isTaken: true }
    const { history } = subscriber
    const row = this.rows[channel]
    if (!row) this.addRow(channel, seat)
    else {
      row.seats = row.seats.concat(seat)
      // Those who come in one task and agree share what is asked; any other gets its history by itself.
      const shares = row.isNew && row.history === history
      if (!shares && (history || row.history)) seat.catching = this.link.replay(channel, history, (frame) => { this.deliver(seat, frame) })
    }
    return () => { this.remove(channel, seat) }
  }

  message (message: MessageFrame): void {
    const row = this.rows[message.channel]
    if (row) this.pass(row, message)
  }

  gap (gap: Gap): void {
    gap.channels.forEach((channel) => {
      const row = this.rows[channel]
      if (row) this.pass(row, gap)
    })
  }

  /** Nobody is told anything any more. */
  clear (): void {
    for (const channel in this.rows) {
      this.rows[channel]?.seats.forEach((seat) => { this.remove(channel, seat) })
    }
  }

  private addRow (channel: string, seat: Seat): void {
    const row: Row = this.rows[channel] = { seats: [seat], history: seat.subscriber.history, isNew: true }
    this.link.want(channel, row.history)
    this.env.setTimeout(() => { row.isNew = false }, 0)
  }

  private remove (channel: string, seat: Seat): void {
    const row = this.rows[channel]
    if (!row || !seat.isTaken) return
    seat.isTaken = false
    if (seat.catching) seat.catching.close()
    row.seats = row.seats.filter((other) => other !== seat)
    if (row.seats.length) return
    delete this.rows[channel]
    this.link.unwant(channel)
  }

  private pass (row: Row, frame: MessageFrame | Gap): void {
    row.seats.forEach((seat) => {
      if (seat.catching) seat.catching.take(frame)
      else this.deliver(seat, frame)
    })
  }

  private deliver ({ subscriber, isTaken }: Seat, frame: MessageFrame | Gap): void {
    if (!isTaken) return
    if ('data' in frame) {
      const { id, channel, data } = frame
      callSafely(this.env, subscriber.listener, [data, { id, channel, data }])
    } else if (subscriber.onGap) {
      const { channels, reason, cursor } = frame
      callSafely(this.env, subscriber.onGap, [{ channels, reason, cursor }])
    }
  }
}
