import { createHash } from 'node:crypto'
import { Disconnected } from './disconnected.ts'
import { guarded } from './guarded.ts'
import type { Subscriber, SubscriberHook } from './options.ts'
import type { TransportName } from './protocol.ts'

/** Who a connection belongs to. */
export interface Identity {
  /** the client's secret, or a name made up for a connection without one */
  readonly client: string
  readonly user: string | undefined
}

export interface PresenceOptions {
  readonly onSubscribe: SubscriberHook | undefined
  readonly onUnsubscribe: SubscriberHook | undefined
  readonly presenceGrace: number
  /** Called with what a hook throws, or rejects with. */
  readonly onError: (error: unknown) => void
}

/** What hooks and `subscribers()` show of a client's secret. */
export function digest (client: string): string {
  return createHash('sha256').update(client).digest('base64url').slice(0, 22)
}

// No secret begins with it.
const ANONYMOUS = '#'

/** Whether its client has said who it is, so that it can be known again. */
export function isNamed ({ client }: Identity): boolean {
  return !client.startsWith(ANONYMOUS)
}

/** Who listens to which channels: clients, over all their connections and over the pauses between two polls. */
export class Presence {
  readonly #options: PresenceOptions
  readonly #clients = new Map<string, Presenter>()
  /** those between two polls, here or on another node, that get their `close` at the next one */
  readonly disconnected = new Disconnected(digest)
  #anonymous = 0

  constructor (options: PresenceOptions) {
    this.#options = options
  }

  /** Who a connection belongs to whose client has, or has not, said its secret. */
  identify (client: string | undefined, user: string | undefined): Identity {
    return { client: client ?? `${ANONYMOUS}${++this.#anonymous}`, user }
  }

  /** A connection has begun. */
  enter (identity: Identity, transport: TransportName, channels: readonly string[]): void {
    const presenter = this.#clients.get(keyOf(identity)) ?? new Presenter(identity)
    this.#clients.set(keyOf(identity), presenter)
    presenter.transport = transport
    const came = channels.filter((channel) => presenter.hold(channel))
    this.#report(this.#options.onSubscribe, presenter, came)
  }

  /** A connection has ended. `grace`: its client is expected back. */
  leave (identity: Identity, channels: readonly string[], grace: boolean): void {
    const presenter = this.#clients.get(keyOf(identity))
    if (presenter === undefined) return
    const until = grace ? performance.now() + this.#options.presenceGrace : 0
    const left = channels.filter((channel) => presenter.drop(channel, until))
    this.#gone(presenter, left)
  }

  subscribers (channel: string): Subscriber[] {
    return [...this.#clients.values()].filter((presenter) => presenter.has(channel)).map((presenter) => presenter.subscriber)
  }

  /** Takes away the clients that match and are between two polls, remembers them as disconnected, and returns their digests. */
  disconnect (matches: (identity: Identity, channels: readonly string[]) => boolean): string[] {
    const digests: string[] = []
    for (const presenter of this.#clients.values()) {
      if (presenter.connected || !matches(presenter.identity, presenter.channels)) continue
      digests.push(digest(presenter.identity.client))
      this.#gone(presenter, presenter.expire(Infinity))
    }
    this.disconnected.remember(digests)
    return digests
  }

  tick (now: number): void {
    for (const presenter of this.#clients.values()) this.#gone(presenter, presenter.expire(now))
    this.disconnected.tick(now)
  }

  #gone (presenter: Presenter, left: string[]): void {
    if (presenter.channels.length === 0) this.#clients.delete(keyOf(presenter.identity))
    this.#report(this.#options.onUnsubscribe, presenter, left)
  }

  // The subscriber is made only for a hook: its digest would be a tenth of the cost of a poll.
  #report (hook: SubscriberHook | undefined, presenter: Presenter, channels: string[]): void {
    if (hook === undefined || channels.length === 0) return
    const { subscriber } = presenter
    guarded(this.#options.onError, () => hook(subscriber, channels))
  }
}

// A page whose user changes is somebody else.
function keyOf ({ client, user }: Identity): string {
  return user === undefined ? client : `${client}\n${user}`
}

/** One client: how many of its connections hold each channel, and until when one that none holds counts as held. */
class Presenter {
  readonly identity: Identity
  readonly #since = Date.now()
  readonly #held = new Map<string, number>()
  readonly #leaving = new Map<string, number>()
  transport: TransportName = 'eventsource'

  constructor (identity: Identity) {
    this.identity = identity
  }

  get connected (): boolean {
    return this.#held.size > 0
  }

  get channels (): string[] {
    return [...this.#held.keys(), ...this.#leaving.keys()]
  }

  get subscriber (): Subscriber {
    const { client, user } = this.identity
    return { client: digest(client), ...(user === undefined ? {} : { user }), transport: this.transport, since: this.#since }
  }

  has (channel: string): boolean {
    return this.#held.has(channel) || this.#leaving.has(channel)
  }

  /** Whether the channel is new to it. */
  hold (channel: string): boolean {
    const isNew = !this.has(channel)
    this.#leaving.delete(channel)
    this.#held.set(channel, (this.#held.get(channel) ?? 0) + 1)
    return isNew
  }

  /** Whether it has left the channel; not yet when it may come back until a moment still to come. */
  drop (channel: string, until: number): boolean {
    const count = (this.#held.get(channel) as number) - 1
    if (count > 0) this.#held.set(channel, count)
    else this.#held.delete(channel)
    if (count > 0) return false
    if (until > 0) this.#leaving.set(channel, until)
    return until === 0
  }

  /** The channels that it has left by now. */
  expire (now: number): string[] {
    if (this.#leaving.size === 0) return []
    const left = [...this.#leaving].filter(([, until]) => until <= now).map(([channel]) => channel)
    for (const channel of left) this.#leaving.delete(channel)
    return left
  }
}
