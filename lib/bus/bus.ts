import { BatchCache } from './batch-cache.ts'
import { reportPublished } from './diagnostics.ts'
import { Dispatcher } from './dispatcher.ts'
import { LogFollower, type LogObserver } from './log-follower.ts'
import { LogPosition } from './log-position.ts'
import type { Seat } from './seat.ts'
import type { BusSettings } from './settings.ts'
import type { ChannelSeat } from '../history/channel-seat.ts'
import type { ChannelUser } from '../history/channel.ts'
import { History } from '../history/history.ts'
import type { Appended, MessageLog } from '../log/message-log.ts'
import { type Task, WorkQueue } from '../util/work-queue.ts'

/** What the bus reports. */
export interface BusObserver extends LogObserver {
  /** What a user of a channel threw while it was served. */
  onFault (error: unknown): void
}

/** Brings what is appended to the log to the users of its channels: the face of the follower and the dispatcher. */
export class Bus {
  readonly log: MessageLog
  readonly history: History
  /** how far the log has been read */
  readonly logPosition = new LogPosition()
  readonly batches = new BatchCache(this.logPosition.toCursor)
  /** for work that would hold the event loop for long */
  readonly work: WorkQueue
  readonly #dispatcher: Dispatcher
  readonly #follower: LogFollower
  readonly #timer: NodeJS.Timeout
  /** the number of messages that this node has published */
  published = 0

  constructor (log: MessageLog, settings: BusSettings, observer?: BusObserver) {
    const { logPosition, batches } = this
    const history = new History(settings)
    this.log = log
    this.history = history
    const onFault = (error: unknown): void => { observer?.onFault(error) }
    this.#dispatcher = new Dispatcher({ history, logPosition, batches, onFault })
    this.#follower = new LogFollower({ log, history, logPosition, dispatcher: this.#dispatcher, observer })
    this.work = new WorkQueue(this.#dispatcher.rounds)
    this.#timer = setInterval(() => { this.#sweep() }, settings.tick).unref()
    this.#follower.start()
  }

  /** The offset up to which everything has been delivered. */
  get position (): number {
    return this.#dispatcher.position
  }

  /** The position after everything that has been read. */
  get cursor (): string {
    return this.toCursor(this.logPosition.end)
  }

  /** The number of audiences. */
  get audiences (): number {
    return this.#dispatcher.audiences.size
  }

  /** Resolves when what the log contained before has been read; `undefined` if it has been. */
  get loading (): Promise<void> | undefined {
    return this.#follower.loading
  }

  get toCursor (): LogPosition['toCursor'] {
    return this.logPosition.toCursor
  }

  /** The offset of a cursor; `undefined` if it is of another log or epoch, or ahead of what has been read. */
  toOffset (cursor: string): number | undefined {
    return this.logPosition.toOffset(cursor)
  }

  /** Appends a message, given as JSON text. Resolves to its id. */
  publish (channel: string, data: string, key: string | undefined): Promise<string> {
    // The limits of a new channel are asked for here, because they may throw, which refuses the message, and may
    // publish, which comes before it. A shared log has the message by the time that its entry is read.
    const found = this.log.shared ? this.history.peek(channel) : this.history.channel(channel)
    const appended = this.log.append(channel, data, key)
    if (!('offset' in appended)) return appended.then((appended) => this.#count(appended, channel, data))
    if (!appended.isNew) this.history.release(found)
    const id = this.#count(appended, channel, data)
    const pause = this.#dispatcher.pause()
    return pause === undefined ? Promise.resolve(id) : pause.then(() => id)
  }

  /** Appends a control message for all nodes, which no subscriber receives. */
  async broadcast (data: string): Promise<void> {
    await this.log.append('', data, undefined)
  }

  /** A seat for a connection in the audience of these channels. */
  subscribe (channels: readonly string[]): Seat {
    return this.#dispatcher.subscribe(channels)
  }

  /** Makes `user` a user of the channel. */
  attach (channel: string, user: ChannelUser): ChannelSeat {
    return this.#dispatcher.attach(channel, user)
  }

  /**
   * Waits until it is certain which offset the cursor has, or that it has none. Resolves to whether that took less than
   * `ms` milliseconds; `undefined` if there is nothing to wait for.
   */
  resolve (cursor: string | undefined, ms: number): Promise<boolean> | undefined {
    return this.#follower.resolve(cursor, ms)
  }

  /** Delivers what was published before, for a caller that is about to end connections. */
  flush (): void {
    this.#dispatcher.flush()
  }

  /** Delivers nothing more, ends all waits, and closes the log. */
  async close (): Promise<void> {
    clearInterval(this.#timer)
    this.#dispatcher.close()
    this.work.close()
    this.#follower.close()
    await this.log.close()
  }

  #sweep (): void {
    this.work.add(this.#sweeper)
    this.batches.clear()
  }

  // A sweep that fails leaves the rest to the next one.
  readonly #sweeper: Task = { step: () => this.history.sweep(), fail () { /* reported by the queue */ } }

  #count ({ epoch, offset, isNew }: Appended, channel: string, data: string): string {
    const id = `${epoch}-${offset}`
    if (isNew) {
      this.published++
      reportPublished(id, channel, data)
    }
    return id
  }
}
