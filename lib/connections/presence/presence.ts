import { Aside } from './deferred-calls.ts'
import { ChannelSets } from './channel-sets.ts'
import { Departures } from './departures.ts'
import { Disconnected } from './disconnected.ts'
import { callGuarded } from '../../util/callbacks.ts'
import { anonymous, digest, type Identity } from './identity.ts'
import type { Subscriber, SubscriberHook } from './subscriber.ts'
import { ownString } from '../../util/names.ts'
import { Presenter, Stay } from './presence-entry.ts'
import type { TransportName } from '../../protocol/wire.ts'

export { digest, isNamed, type Identity } from './identity.ts'

export interface PresenceOptions {
  readonly onSubscribe: SubscriberHook | undefined
  readonly onUnsubscribe: SubscriberHook | undefined
  readonly presenceGrace: number
  /** Called with what a hook throws, or rejects with. */
  readonly onError: (error: unknown) => void
}

/** Of more clients that are away, the first to leave are no longer expected. About 600 bytes each. */
export const MAX_AWAY = 100_000
/** The same for the channels of clients that are away, where no connected client has the same ones. About 200 bytes each. */
export const MAX_AWAY_CHANNELS = 50_000

/** Who listens to which channels: clients, over all their connections and over the pauses between them. */
export class Presence {
  /** calls of the application that wait for what is going on */
  readonly aside: Aside
  /** those that were away, here or on another node, and get their `close` at the next request */
  readonly disconnected = new Disconnected(digest)
  readonly #options: PresenceOptions
  readonly #clients = new Map<string, Presenter>()
  readonly #sets = new ChannelSets<Stay>()
  readonly #departures: Departures
  #anonymous = 0

  constructor (options: PresenceOptions) {
    this.#options = options
    this.aside = new Aside(options.onError)
    this.#departures = new Departures(options.presenceGrace, (stay) => { this.#end(stay) })
  }

  /** Who a connection belongs to whose client has, or has not, said its secret. */
  identify (client: string | undefined, user: string | undefined): Identity {
    return {
      client: client === undefined ? anonymous(++this.#anonymous) : ownString(client),
      user: user === undefined ? undefined : ownString(user)
    }
  }

  /** A connection has begun. Calls `onSubscribe` before it returns: the hook may end the connection before anything is sent. */
  enter (identity: Identity, transport: TransportName, channels: readonly string[]): Stay {
    this.aside.flush()
    const presenter = this.#presenter(identity)
    presenter.transport = transport
    const stay = new Stay(presenter)
    stay.set = this.#sets.join(channels, stay)
    this.#sets.connect(stay.set)
    const earlier = presenter.stays
    const came = earlier.some(({ set }) => set === stay.set) ? [] : channels.filter((channel) => !this.#isHeld(earlier, channel))
    presenter.stays = [...earlier, stay]
    for (const other of earlier) if (other.state === 'away') this.#leaveTo([stay], other)
    const { onSubscribe } = this.#options
    if (onSubscribe !== undefined && came.length > 0) callGuarded(this.#options.onError, () => onSubscribe(presenter.subscriber, came))
    return stay
  }

  /** The connection goes on without these channels. */
  narrow (stay: Stay, channels: readonly string[]): void {
    if (stay.state !== 'connected') return
    const dropped = channels.filter((channel) => this.#sets.has(stay.set, channel))
    const kept = stay.set.channels.filter((channel) => !channels.includes(channel))
    if (kept.length === 0) return this.leave(stay, false)
    this.#replace(stay, kept)
    this.#reportLeft(stay.presenter, dropped)
  }

  /** The connection has ended. `isExpected`: its client will be back. */
  leave (stay: Stay, isExpected: boolean): void {
    if (stay.state !== 'connected') return
    this.#sets.disconnect(stay.set)
    if (!isExpected || this.#options.presenceGrace === 0) return this.#end(stay)
    stay.state = 'away'
    this.#departures.add(stay)
    this.#leaveTo(stay.presenter.stays.filter(({ state }) => state === 'connected'), stay)
    while (this.#departures.size > MAX_AWAY || (this.#departures.size > 0 && this.#sets.idle > MAX_AWAY_CHANNELS)) this.#departures.expireOldest()
  }

  subscribers (channel: string): Subscriber[] {
    const presenters = new Set<Presenter>()
    for (const { presenter } of this.#sets.members(channel)) presenters.add(presenter)
    return Array.from(presenters, ({ subscriber }) => subscriber)
  }

  /** Takes away the clients that match and are away, remembers them as disconnected, and returns their digests. */
  disconnect (matches: (identity: Identity, channels: readonly string[]) => boolean): string[] {
    const matching = new Set<Presenter>()
    for (const { presenter } of this.#departures) {
      if (!matching.has(presenter) && !presenter.connected && matches(presenter.identity, presenter.channels)) matching.add(presenter)
    }
    for (const { stays } of matching) for (const stay of stays) this.#expire(stay)
    const digests = Array.from(matching, ({ digest }) => digest)
    this.disconnected.remember(digests)
    return digests
  }

  tick (now: number): void {
    this.#departures.tick(now)
    this.disconnected.tick(now)
  }

  close (): void {
    this.#departures.close()
  }

  #presenter (identity: Identity): Presenter {
    const key = keyOf(identity)
    const known = this.#clients.get(key)
    if (known !== undefined) return known
    const presenter = new Presenter(key, identity)
    this.#clients.set(key, presenter)
    return presenter
  }

  #isHeld (stays: readonly Stay[], channel: string): boolean {
    return stays.some(({ set }) => this.#sets.has(set, channel))
  }

  // So each channel of a client is held by its connections, or by one that is away.
  #leaveTo (holders: readonly Stay[], away: Stay): void {
    const kept = holders.some(({ set }) => set === away.set) ? [] : away.set.channels.filter((channel) => !this.#isHeld(holders, channel))
    if (kept.length === 0) this.#expire(away)
    else if (kept.length < away.set.channels.length) this.#replace(away, kept)
  }

  #replace (stay: Stay, channels: readonly string[]): void {
    const { set, state } = stay
    stay.set = this.#sets.join(channels, stay)
    if (state === 'connected') {
      this.#sets.connect(stay.set)
      this.#sets.disconnect(set)
    }
    this.#sets.part(set, stay)
  }

  #expire (away: Stay): void {
    this.#departures.remove(away)
    this.#end(away)
  }

  #end (stay: Stay): void {
    const { presenter, set } = stay
    stay.state = 'over'
    this.#sets.part(set, stay)
    presenter.stays = presenter.stays.filter((other) => other !== stay)
    if (presenter.stays.length === 0) this.#clients.delete(presenter.key)
    this.#reportLeft(presenter, set.channels)
  }

  // The subscriber is made only for a hook: its digest would be a tenth of the cost of a poll.
  #reportLeft (presenter: Presenter, channels: readonly string[]): void {
    const { onUnsubscribe } = this.#options
    if (onUnsubscribe === undefined) return
    const left = channels.filter((channel) => !this.#isHeld(presenter.stays, channel))
    if (left.length === 0) return
    const { subscriber } = presenter
    this.aside.later(() => onUnsubscribe(subscriber, left))
  }
}

// A page whose user changes is somebody else.
function keyOf ({ client, user }: Identity): string {
  return user === undefined ? client : `${client}\n${user}`
}
