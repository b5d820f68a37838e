import { Audiences } from './audiences.ts'
import type { BusObserver } from './bus-observer.ts'
import { ChannelSeat } from '../history/channel-seat.ts'
import { type Channel, type ChannelUser, usersOf } from '../history/channel.ts'
import { History } from '../history/history.ts'
import { Signal } from '../util/signal.ts'
import type { Appended, LogEntry, MessageLog } from '../log/message-log.ts'
import { isRecent } from './recent-entry.ts'
import { LogPosition } from './log-position.ts'
import { tellPublished } from './diagnostics.ts'
import type { BusSettings } from './settings.ts'
import { BatchCache } from './batch-cache.ts'
import { Rounds } from './rounds.ts'
import type { Seat } from './seat.ts'
import { SharedWait } from '../util/shared-wait.ts'
import { FlushScheduler } from './flush-scheduler.ts'
import { type Task, WorkQueue } from '../util/work-queue.ts'

/** Brings what is appended to the log to the audiences of its channels, once a turn of the event loop. */
export class Bus {
  readonly history: History
  readonly batches: BatchCache
  readonly log: MessageLog
  /** how far the log has been read */
  readonly logPosition = new LogPosition()
  readonly audiences: Audiences
  /** for what would hold the event loop for long */
  readonly work: WorkQueue
  readonly #rounds: Rounds
  readonly #observer: BusObserver | undefined
  readonly #timer: NodeJS.Timeout
  #news = new Set<Channel>()
  readonly #sweeper: Task = { step: () => this.history.sweep(), fail () { /* the next one begins where it was */ } }
  readonly #scheduler = new FlushScheduler(() => { this.flush() })
  readonly #loaded = new Signal()
  #hasLoaded = false
  /** Resolves when what the log holds of late has been read; `undefined` from then on. */
  loading: Promise<void> | undefined = this.#loaded.wait()
  readonly loadings = new SharedWait(() => this.loading)
  /** Whether everything that is in the log has been read here. */
  readonly catchUps = new SharedWait(() => this.log.catchUp())
  /** The offset up to which everything has been handed to the audiences. */
  position = 0
  published = 0

  constructor (log: MessageLog, settings: BusSettings, observer?: BusObserver) {
    this.log = log
    this.history = new History(settings)
    this.batches = new BatchCache(this.toCursor)
    this.#observer = observer
    this.#rounds = new Rounds((error) => { observer?.onFault(error) })
    this.work = new WorkQueue(this.#rounds)
    this.audiences = new Audiences(this.history, this.batches, this.toCursor, this.#rounds)
    this.#timer = setInterval(() => {
      this.work.add(this.#sweeper)
      this.batches.clear()
    }, settings.tick).unref()
    log.start({
      begin: (epoch, position, origin) => { this.#begin(epoch, position, origin) },
      entry: (entry) => { this.#accept(entry) },
      lost: (position) => { this.#lose(position) },
      foreign: (reason) => { this.#rounds.guard(() => { observer?.onForeign(reason) }) },
      loaded: () => { this.#load() },
      reachable: (isReachable, reason) => { this.#rounds.guard(() => { observer?.onReachable(isReachable, reason) }) }
    })
  }

  /** The position after everything read so far. */
  get cursor (): string {
    return this.toCursor(this.logPosition.end)
  }

  readonly toCursor = (offset: number): string => this.logPosition.toCursor(offset)

  /** The offset that a cursor stands for; `undefined` for one of another log or epoch, or ahead of what was read. */
  toOffset (cursor: string): number | undefined {
    return this.logPosition.toOffset(cursor)
  }

  /** Appends a message, given as JSON text, and returns its id. */
  publish (channel: string, data: string, key: string | undefined): Promise<string> {
    // Limits that throw refuse the message while it can be, and those that publish do so before it has an offset.
    const found = this.log.shared ? this.history.peek(channel) : this.history.channel(channel)
    const appended = this.log.append(channel, data, key)
    if (!('offset' in appended)) return appended.then((appended) => this.#count(appended, channel, data))
    if (!appended.isNew) this.history.release(found)
    const id = this.#count(appended, channel, data)
    const pause = this.#scheduler.pause()
    return pause === undefined ? Promise.resolve(id) : pause.then(() => id)
  }

  /** Tells all nodes something that is no message. */
  async note (data: string): Promise<void> {
    await this.log.append('', data, undefined)
  }

  /** Hands out what is new. Done by itself once a turn. */
  flush (): void {
    if (this.#rounds.isUnderWay || this.position === this.logPosition.end) return
    const news = this.#news
    this.#news = new Set()
    this.#handOut(news)
    this.history.served = this.position
    this.history.trim(news)
    if (this.position < this.logPosition.end) this.#scheduler.schedule()
  }

  /** A seat in the audience of these channels, for one more connection. */
  join (names: readonly string[]): Seat {
    this.flush()
    return this.audiences.join(names)
  }

  /** A user of the channel. */
  add (name: string, user: ChannelUser): ChannelSeat {
    this.flush()
    return new ChannelSeat(this.history, name, user)
  }

  async close (): Promise<void> {
    clearInterval(this.#timer)
    this.#scheduler.close()
    this.work.close()
    this.#loaded.notifyAll()
    for (const wait of [this.loadings, this.catchUps]) wait.close()
    await this.log.close()
  }

  #begin (epoch: string, position: number, origin = position): void {
    this.flush()
    const isFirst = !this.logPosition.hasBegun
    this.logPosition.begin(epoch, origin)
    this.position = origin
    this.history.reset(position, origin)
    this.batches.clear()
    if (position < origin) this.loading ??= this.#loaded.wait()
    if (isFirst) return
    this.#rounds.run(usersOf(this.history.all), (user) => { user.restart() })
    if (this.position < this.logPosition.end) this.#scheduler.schedule()
    this.#rounds.guard(() => { this.#observer?.onLost() })
  }

  #accept (entry: LogEntry): void {
    if (entry.offset <= this.logPosition.end) return this.#recall(entry)
    if (entry.channel === '') return this.#hear(entry)
    const bytes = this.#keep(entry)
    this.logPosition.end = entry.offset
    this.#scheduler.take(bytes)
  }

  // Of an epoch before this one: nobody's news, but history for those who come.
  #recall (entry: LogEntry): void {
    if (entry.channel !== '') this.#keep(entry)
    else if (!this.#hasLoaded && isRecent(entry)) this.#tellNote(entry)
    this.history.trim(this.#news)
    this.#news.clear()
  }

  #keep (entry: LogEntry): number {
    try {
      return this.#store(entry)
    } catch (error) {
      if (!this.log.shared) throw error
      this.history.miss(entry.channel, entry.offset)
      this.#rounds.guard(() => { this.#observer?.onError(error) })
      return 0
    }
  }

  #store ({ offset, channel, data, time }: LogEntry): number {
    const age = time === undefined ? 0 : Math.max(0, Date.now() - time)
    const message = this.history.add(channel, offset, this.toCursor(offset), data, age)
    this.#news.add(message.channel)
    return message.frameBytes
  }

  #hear (entry: LogEntry): void {
    this.logPosition.end = entry.offset
    this.flush()
    if (this.loading === undefined || isRecent(entry)) this.#tellNote(entry)
  }

  #tellNote ({ data }: LogEntry): void {
    this.#rounds.guard(() => { this.#observer?.onNote(data) })
  }

  #lose (position: number): void {
    this.flush()
    // Of an epoch before this one: nobody's loss, but no history either.
    if (position <= this.logPosition.end) return this.history.reset(position, this.logPosition.end)
    this.logPosition.end = position
    this.history.reset(position)
    this.batches.clear()
    this.#handOut(this.history.all)
    this.#rounds.guard(() => { this.#observer?.onLost() })
  }

  #load (): void {
    this.flush()
    this.#hasLoaded = true
    this.loading = undefined
    this.#loaded.notifyAll()
  }

  #handOut (channels: Iterable<Channel>): void {
    const from = this.position
    const to = this.logPosition.end
    this.position = to
    this.#scheduler.handedOut()
    // What is only being loaded is nobody's news.
    if (this.loading === undefined) this.#rounds.run(usersOf(channels), (user) => { user.serve(from, to) })
  }

  #count ({ epoch, offset, isNew }: Appended, channel: string, data: string): string {
    const id = `${epoch}-${offset}`
    if (isNew) {
      this.published++
      tellPublished(id, channel, data)
    }
    return id
  }
}
