import { Audiences } from './audiences.ts'
import type { BatchCache } from './batch-cache.ts'
import { FlushScheduler } from './flush-scheduler.ts'
import type { LogPosition } from './log-position.ts'
import { Rounds } from './rounds.ts'
import type { Seat } from './seat.ts'
import { ChannelSeat } from '../history/channel-seat.ts'
import { type Channel, type ChannelUser, usersOf } from '../history/channel.ts'
import type { History } from '../history/history.ts'

/** What a dispatcher works with. */
export interface DispatcherParts {
  readonly history: History
  /** how far the log has been read */
  readonly logPosition: LogPosition
  readonly batches: BatchCache
  /** receives what a user of a channel throws while it is served */
  readonly onFault: (error: unknown) => void
}

/**
 * Delivers what the log brought to the users of its channels, once a tick.
 *
 *     evicted │ retained: may be evicted      │ being delivered │ to be delivered
 *     ────────┴────────▲──────────────────────┴─────────────────┴────────────────┬──► offsets
 *              a cursor, or a           history.served      position      logPosition.end
 *              subscription that reads
 *
 * `history.served` ≤ `position` ≤ `logPosition.end`. All three are equal between two flushes if nothing was published.
 * `position` moves before the round, so that a subscription that begins within it starts after it; `served` follows
 * afterwards, so that nothing is evicted before it was delivered.
 */
export class Dispatcher {
  readonly audiences: Audiences
  readonly rounds: Rounds
  readonly #history: History
  readonly #logPosition: LogPosition
  readonly #batches: BatchCache
  readonly #scheduler = new FlushScheduler(() => { this.flush() })
  /** the channels with messages after `position` */
  #news = new Set<Channel>()
  /** the offset up to which everything has been delivered */
  position = 0

  constructor ({ history, logPosition, batches, onFault }: DispatcherParts) {
    this.#history = history
    this.#logPosition = logPosition
    this.#batches = batches
    this.rounds = new Rounds(onFault)
    this.audiences = new Audiences(history, { batches, rounds: this.rounds, toCursor: logPosition.toCursor })
  }

  /** A seat in the audience of these channels. What was published before is delivered first, and not to it. */
  subscribe (channels: readonly string[]): Seat {
    this.flush()
    return this.audiences.join(channels)
  }

  /** Makes `user` a user of the channel. What was published before is delivered first, and not to it. */
  attach (channel: string, user: ChannelUser): ChannelSeat {
    this.flush()
    return new ChannelSeat(this.#history, channel, user)
  }

  /** The channel has a new message of `bytes` bytes. It is delivered at the end of the tick; earlier if many wait. */
  add (channel: Channel, bytes: number): void {
    this.#news.add(channel)
    this.#scheduler.take(bytes)
  }

  /** Schedules a flush, for an entry of `bytes` bytes. */
  schedule (bytes: number): void {
    this.#scheduler.take(bytes)
  }

  /** Delivers what is new. Does nothing within a round: what is new then is delivered at the end of the tick. */
  flush (): void {
    if (this.rounds.isUnderWay || this.position === this.#logPosition.end) return
    const news = this.#news
    this.#news = new Set()
    this.#deliver(news)
    this.#history.served = this.position
    this.#history.trim(news)
    this.#continue()
  }

  /** Another epoch has begun. The users restart at its origin; before the first epoch there was nothing to restart. */
  restart (isFirst: boolean): void {
    this.position = this.#logPosition.origin
    this.#batches.clear()
    if (isFirst) return
    this.rounds.run(usersOf(this.#history.all), (user) => { user.restart() })
    this.#continue()
  }

  /** Entries are gone from the log: all users receive a gap. */
  announceLoss (): void {
    this.#batches.clear()
    this.#deliver(this.#history.all)
  }

  /** Resolves at the end of this tick, if more than 64 KiB were published in it; else it is `undefined`. */
  pause (): Promise<void> | undefined {
    return this.#scheduler.pause()
  }

  /** Delivers nothing more by itself, and keeps no publisher waiting. */
  close (): void {
    this.#scheduler.close()
  }

  #deliver (channels: Iterable<Channel>): void {
    const from = this.position
    const to = this.#logPosition.end
    this.position = to
    this.#scheduler.flushed()
    // What the log contained before is history, and no news.
    if (!this.#logPosition.isLoading) this.rounds.run(usersOf(channels), (user) => { user.serve(from, to) })
  }

  // Users may publish while they are served.
  #continue (): void {
    if (this.position < this.#logPosition.end) this.#scheduler.schedule()
  }
}
