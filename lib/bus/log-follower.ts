import type { Dispatcher } from './dispatcher.ts'
import type { LogPosition } from './log-position.ts'
import type { Channel } from '../history/channel.ts'
import type { History } from '../history/history.ts'
import type { LogEntry, MessageLog } from '../log/message-log.ts'
import { EARLIEST } from '../protocol/wire.ts'
import { SharedWait } from '../util/shared-wait.ts'
import { Condition } from '../util/condition.ts'

/** What the log brings that is not for subscribers. */
export interface LogObserver {
  /** A control message of a node, this one included; everything that precedes it has been delivered. */
  onControlMessage (data: string): void
  /** Entries, perhaps with control messages among them, were removed from the log before they were read. */
  onLost (): void
  /** An entry that no node can have appended was skipped. */
  onForeign (reason: string): void
  /** The log has become reachable, or unreachable. */
  onReachable (isReachable: boolean, reason: unknown): void
  /** A message of another node cannot be retained. */
  onError (error: unknown): void
}

/** What a follower works with. */
export interface LogFollowerParts {
  readonly log: MessageLog
  readonly history: History
  /** The follower alone moves it. */
  readonly logPosition: LogPosition
  readonly dispatcher: Dispatcher
  readonly observer: LogObserver | undefined
}

// The age up to which a control message is acted on that a node reads when it starts, in ms: it may concern a request
// that waits until the log is read.
const RECENT = 60_000

/**
 * Follows the log: retains its messages in the history, and leaves their delivery to the dispatcher.
 *
 *     begin ──► entries, history only ──► loaded ──► entries, delivered ──► begin (another epoch) …
 */
export class LogFollower {
  readonly #parts: LogFollowerParts
  readonly #loaded = new Condition()
  readonly #loads = new SharedWait(() => this.loading)
  readonly #catchUps: SharedWait
  /** whether the history was complete once */
  #hasLoaded = false

  constructor (parts: LogFollowerParts) {
    this.#parts = parts
    this.#catchUps = new SharedWait(() => parts.log.catchUp())
  }

  /** Begins to follow the log, with a handler of plain functions: a log may take it apart and wrap them. */
  start (): void {
    this.#parts.log.start({
      begin: (epoch, position, origin) => { this.#begin(epoch, position, origin) },
      entry: (entry) => { this.#accept(entry) },
      lost: (position) => { this.#lose(position) },
      foreign: (reason) => { this.#guard(() => { this.#parts.observer?.onForeign(reason) }) },
      loaded: () => { this.#load() },
      reachable: (isReachable, reason) => {
        this.#guard(() => { this.#parts.observer?.onReachable(isReachable, reason) })
      }
    })
  }

  /** Resolves when what the log contained before has been read; `undefined` if it has been. */
  get loading (): Promise<void> | undefined {
    return this.#parts.logPosition.isLoading ? this.#loaded.wait() : undefined
  }

  /** See `Bus.resolve`. */
  resolve (cursor: string | undefined, ms: number): Promise<boolean> | undefined {
    const deadline = performance.now() + ms
    const loaded = this.#parts.logPosition.isLoading ? this.#loads.wait(ms) : undefined
    if (loaded !== undefined) {
      return loaded.then((isLoaded) => isLoaded && (this.resolve(cursor, deadline - performance.now()) ?? true))
    }
    const { logPosition } = this.#parts
    const isKnown = cursor === undefined || cursor === EARLIEST || logPosition.toOffset(cursor) !== undefined
    return isKnown ? undefined : this.#catchUps.wait(ms)
  }

  /** Ends all waits. */
  close (): void {
    this.#loaded.notifyAll()
    this.#loads.close()
    this.#catchUps.close()
  }

  #begin (epoch: string, position: number, origin = position): void {
    const { history, logPosition, dispatcher, observer } = this.#parts
    dispatcher.flush()
    const isFirst = !logPosition.hasBegun
    logPosition.begin(epoch, origin)
    history.reset(position, origin)
    if (position < origin) logPosition.isLoading = true
    dispatcher.restart(isFirst)
    if (!isFirst) this.#guard(() => { observer?.onLost() })
  }

  #accept (entry: LogEntry): void {
    const { logPosition, dispatcher } = this.#parts
    if (entry.offset <= logPosition.end) return this.#recall(entry)
    if (entry.channel === '') return this.#control(entry)
    const message = this.#retain(entry)
    logPosition.end = entry.offset
    if (message === undefined) dispatcher.schedule(0)
    else dispatcher.add(message.channel, message.frameBytes)
  }

  #lose (position: number): void {
    const { history, logPosition, dispatcher, observer } = this.#parts
    dispatcher.flush()
    // Lost before the origin of the epoch: no subscriber misses it, but there is no history either.
    if (position <= logPosition.end) return history.reset(position, logPosition.end)
    logPosition.end = position
    history.reset(position)
    dispatcher.announceLoss()
    this.#guard(() => { observer?.onLost() })
  }

  #load (): void {
    this.#parts.dispatcher.flush()
    this.#hasLoaded = true
    this.#parts.logPosition.isLoading = false
    this.#loaded.notifyAll()
  }

  // An entry of an earlier epoch: history for new subscribers, and news for none.
  #recall (entry: LogEntry): void {
    if (entry.channel === '') {
      if (!this.#hasLoaded && isRecent(entry)) this.#notify(entry)
      return
    }
    const message = this.#retain(entry)
    this.#parts.history.trim(message === undefined ? [] : [message.channel])
  }

  #retain ({ offset, channel, data, time }: LogEntry): { channel: Channel, frameBytes: number } | undefined {
    const { log, history, logPosition, observer } = this.#parts
    try {
      const age = time === undefined ? 0 : Math.max(0, Date.now() - time)
      return history.add(channel, offset, logPosition.toCursor(offset), data, age)
    } catch (error) {
      // A limit of the application threw. It refuses the message where nobody has it yet: from within `append`.
      if (!log.shared) throw error
      history.miss(channel, offset)
      this.#guard(() => { observer?.onError(error) })
      return undefined
    }
  }

  #control (entry: LogEntry): void {
    const { logPosition, dispatcher } = this.#parts
    logPosition.end = entry.offset
    dispatcher.flush()
    if (!logPosition.isLoading || isRecent(entry)) this.#notify(entry)
  }

  #notify ({ data }: LogEntry): void {
    this.#guard(() => { this.#parts.observer?.onControlMessage(data) })
  }

  #guard (callback: () => void): void {
    this.#parts.dispatcher.rounds.guard(callback)
  }
}

function isRecent ({ time = Date.now() }: LogEntry): boolean {
  return Date.now() - time < RECENT
}
