import { channel as diagnosticsChannel } from 'node:diagnostics_channel'
import { Audience } from './audience.ts'
import type { Channel, ChannelUser } from './channel.ts'
import { Encoder } from './encoder.ts'
import { History } from './history.ts'
import type { LogEntry, MessageLog } from './log/message-log.ts'
import type { Options } from './options.ts'
import { Pages } from './pages.ts'

const published = diagnosticsChannel('fastify-comet:publish')

// Past so much in one turn, a publisher that awaits is held until the flush, so that readers get their turn;
const PACE_BYTES = 65_536
// and past so much, the flush does not wait for the end of the turn.
const FLUSH_BYTES = 262_144

/** Brings what the log appends to the audiences of its channels, once a turn of the event loop. */
export class Bus {
  readonly history: History
  readonly pages: Pages
  readonly #log: MessageLog
  readonly #encoder: Encoder
  readonly #audiences = new Map<string, Audience>()
  readonly #timer: NodeJS.Timeout
  #news = new Set<Channel>()
  #turnBytes = 0
  #end: number
  #scheduled: NodeJS.Immediate | undefined
  #flushed: Promise<void> | undefined
  #onFlushed: (() => void) | undefined
  #flushing = false
  /** The offset up to which everything has been handed to the audiences. */
  position: number
  published = 0

  constructor (log: MessageLog, options: Options) {
    this.#log = log
    this.history = new History(options)
    this.pages = new Pages(this.toCursor)
    this.#encoder = new Encoder(this.toCursor)
    this.position = this.#end = log.end
    log.follow((entry) => { this.#accept(entry) })
    this.#timer = setInterval(() => {
      this.history.sweep()
      this.pages.forget()
    }, options.tick).unref()
  }

  get audiences (): Iterable<Audience> {
    return this.#audiences.values()
  }

  /** The position after everything published so far. */
  get cursor (): string {
    return this.toCursor(this.#end)
  }

  readonly toCursor = (offset: number): string => `${this.#log.epoch}-${offset}`

  /** The offset that a cursor stands for; `undefined` for a cursor of another log or life of the log. */
  toOffset (cursor: string): number | undefined {
    const dash = cursor.lastIndexOf('-')
    const digits = cursor.slice(dash + 1)
    if (cursor.slice(0, dash) !== this.#log.epoch || !/^\d{1,16}$/.test(digits)) return undefined
    const offset = Number(digits)
    return offset <= this.#log.end ? offset : undefined
  }

  /** Appends a message, given as JSON text, and returns its id. */
  publish (channel: string, data: string, key: string | undefined): Promise<string> {
    const before = this.#end
    const offset = this.#log.append(channel, data, key)
    const id = this.toCursor(offset)
    if (offset > before) this.#count(id, channel, data)
    return this.#turnBytes > PACE_BYTES ? this.#nextFlush().then(() => id) : Promise.resolve(id)
  }

  /** Hands out what is new. Done by itself once a turn. */
  flush (): void {
    if (this.#flushing || this.#news.size === 0) return
    clearImmediate(this.#scheduled)
    this.#scheduled = undefined
    this.#flushing = true
    const news = this.#news
    this.#news = new Set()
    this.#turnBytes = 0
    this.#serve(news)
    this.#flushing = false
    this.history.served = this.position
    this.history.trim(news)
    this.#settleFlushed()
    if (this.#news.size > 0) this.#schedule()
  }

  /** The audience of these channels, for one more connection. */
  join (names: readonly string[]): Audience {
    this.flush()
    const key = [...names].sort().join('\n')
    const audience = this.#audiences.get(key) ?? this.#createAudience(key, names)
    audience.connections++
    this.history.age(audience.channels)
    return audience
  }

  /** Undoes one `join`. */
  part (audience: Audience): void {
    if (--audience.connections > 0) return
    this.#audiences.delete(audience.key)
    for (const channel of audience.channels) this.remove(channel, audience)
  }

  add (name: string, user: ChannelUser): Channel {
    this.flush()
    const channel = this.history.channel(name)
    channel.users.add(user)
    return channel
  }

  remove (channel: Channel, user: ChannelUser): void {
    channel.users.delete(user)
    this.history.release(channel)
  }

  close (): void {
    clearInterval(this.#timer)
    clearImmediate(this.#scheduled)
    this.#settleFlushed()
    this.#log.close()
  }

  #serve (news: Iterable<Channel>): void {
    const from = this.position
    this.position = this.#end
    for (const user of usersOf(news)) user.serve(from, this.position)
  }

  #accept ({ offset, channel, data }: LogEntry): void {
    const message = this.history.add(channel, offset, this.toCursor(offset), data)
    this.#end = offset
    this.#news.add(message.channel)
    this.#turnBytes += message.frameBytes
    if (this.#turnBytes > FLUSH_BYTES) this.flush()
    else this.#schedule()
  }

  #schedule (): void {
    this.#scheduled ??= setImmediate(() => {
      this.#scheduled = undefined
      this.flush()
    })
  }

  #count (id: string, channel: string, data: string): void {
    this.published++
    if (published.hasSubscribers) published.publish({ id, channel, bytes: Buffer.byteLength(data) })
  }

  #nextFlush (): Promise<void> {
    this.#schedule()
    this.#flushed ??= new Promise((resolve) => { this.#onFlushed = resolve })
    return this.#flushed
  }

  #settleFlushed (): void {
    this.#onFlushed?.()
    this.#flushed = this.#onFlushed = undefined
  }

  #createAudience (key: string, names: readonly string[]): Audience {
    const channels = names.map((name) => this.history.channel(name))
    const audience = new Audience(key, channels, this.#encoder)
    for (const channel of channels) channel.users.add(audience)
    this.#audiences.set(key, audience)
    return audience
  }
}

function usersOf (channels: Iterable<Channel>): Set<ChannelUser> {
  const users = new Set<ChannelUser>()
  for (const channel of channels) {
    for (const user of channel.users) users.add(user)
  }
  return users
}
