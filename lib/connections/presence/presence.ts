import { DeferredCalls } from './deferred-calls.ts'
import { type CommonChannels, ChannelSets } from './channel-sets.ts'
import { Departures } from './departures.ts'
import { Disconnected } from './disconnected.ts'
import { callGuarded } from '../../util/callbacks.ts'
import { anonymous, digest, type Identity } from './identity.ts'
import type { Subscriber, SubscriberHook } from './subscriber.ts'
import { ownString } from '../../util/names.ts'
import { PresenceEntry, Stay } from './presence-entry.ts'
import type { TransportName } from '../../protocol/wire.ts'

export { digest, isNamed, type Identity } from './identity.ts'

/** What `Presence` needs of the options. */
export interface PresenceOptions {
  readonly onSubscribe: SubscriberHook | undefined
  readonly onUnsubscribe: SubscriberHook | undefined
  readonly presenceGrace: number
  /** Called with what a hook throws or rejects with. */
  readonly onError: (error: unknown) => void
}

/** The most clients that are expected back; beyond it, the first to leave count as gone. About 600 bytes each. */
export const MAX_AWAY = 100_000
/**
 * The most channels of clients that are expected back, if no connected client has the same ones. About 200 bytes each.
 */
export const MAX_AWAY_CHANNELS = 50_000

/** The subscribers of each channel: clients with all their connections, and during the pauses between these. */
export class Presence {
  /** calls of the application's code that wait until the code that runs now has ended */
  readonly deferred: DeferredCalls
  /**
   * clients that were disconnected while they were away, here or on another node: their next request receives `close`
   */
  readonly disconnected = new Disconnected(digest)
  readonly #options: PresenceOptions
  readonly #clients = new Map<string, PresenceEntry>()
  readonly #sets = new ChannelSets<Stay>()
  readonly #departures: Departures
  #anonymous = 0

  constructor (options: PresenceOptions) {
    this.#options = options
    this.deferred = new DeferredCalls(options.onError)
    this.#departures = new Departures(options.presenceGrace, (stay) => { this.#end(stay) })
  }

  /** The identity of a new connection. Without a secret, its client gets a name of its own. */
  identify (client: string | undefined, user: string | undefined): Identity {
    return {
      client: client === undefined ? anonymous(++this.#anonymous) : ownString(client),
      user: user === undefined ? undefined : ownString(user)
    }
  }

  /**
   * A connection has begun. Calls `onSubscribe` before it returns: the hook may end the connection before any message
   * is sent.
   */
  enter (identity: Identity, transport: TransportName, channels: readonly string[]): Stay {
    this.deferred.flush()
    const entry = this.#entryOf(identity)
    entry.transport = transport
    const stay = new Stay(entry)
    stay.set = this.#sets.join(channels, stay)
    this.#sets.connect(stay.set)
    const earlier = entry.stays
    const came = this.#missing(earlier, stay.set, channels)
    entry.stays = [...earlier, stay]
    for (const other of earlier) if (other.state === 'away') this.#leaveTo([stay], other)
    const { onSubscribe } = this.#options
    if (onSubscribe !== undefined && came.length > 0) {
      callGuarded(this.#options.onError, () => onSubscribe(entry.subscriber, came))
    }
    return stay
  }

  /** The connection continues without these channels. */
  narrow (stay: Stay, channels: readonly string[]): void {
    if (stay.state !== 'connected') return
    const dropped = channels.filter((channel) => this.#sets.has(stay.set, channel))
    const kept = stay.set.channels.filter((channel) => !channels.includes(channel))
    if (kept.length === 0) return this.leave(stay, false)
    this.#replace(stay, kept)
    this.#reportLeft(stay.entry, dropped)
  }

  /** The connection has ended. `isExpected`: its client is expected back. */
  leave (stay: Stay, isExpected: boolean): void {
    if (stay.state !== 'connected') return
    this.#sets.disconnect(stay.set)
    if (!isExpected || this.#options.presenceGrace === 0) return this.#end(stay)
    stay.state = 'away'
    this.#departures.add(stay)
    this.#leaveTo(stay.entry.stays.filter(({ state }) => state === 'connected'), stay)
    while (this.#isOverLimit()) this.#departures.expireOldest()
  }

  /** The subscribers of a channel, each once. */
  subscribers (channel: string): Subscriber[] {
    const entries = new Set<PresenceEntry>()
    for (const { entry } of this.#sets.members(channel)) entries.add(entry)
    return Array.from(entries, ({ subscriber }) => subscriber)
  }

  /** Removes the clients that match and are away, remembers them as disconnected, and returns their digests. */
  disconnect (matches: (identity: Identity, channels: readonly string[]) => boolean): string[] {
    const matching = new Set<PresenceEntry>()
    for (const { entry } of this.#departures) {
      if (matching.has(entry) || entry.connected) continue
      if (matches(entry.identity, entry.channels)) matching.add(entry)
    }
    for (const { stays } of matching) for (const stay of stays) this.#expire(stay)
    const digests = Array.from(matching, ({ digest }) => digest)
    this.disconnected.remember(digests)
    return digests
  }

  /** Forgets the clients whose time is over at `now`. */
  tick (now: number): void {
    this.#departures.tick(now)
    this.disconnected.tick(now)
  }

  /** Stops the timers. */
  close (): void {
    this.#departures.close()
  }

  #entryOf (identity: Identity): PresenceEntry {
    const key = keyOf(identity)
    const known = this.#clients.get(key)
    if (known !== undefined) return known
    const entry = new PresenceEntry(key, identity)
    this.#clients.set(key, entry)
    return entry
  }

  #isOverLimit (): boolean {
    const { size } = this.#departures
    return size > MAX_AWAY || (size > 0 && this.#sets.idle > MAX_AWAY_CHANNELS)
  }

  #isHeld (stays: readonly Stay[], channel: string): boolean {
    return stays.some(({ set }) => this.#sets.has(set, channel))
  }

  /** Those of the channels of a set that none of these connections has. */
  #missing (stays: readonly Stay[], set: CommonChannels<Stay>, channels = set.channels): string[] {
    // Most clients come back with the channels that they had.
    if (stays.some((stay) => stay.set === set)) return []
    return channels.filter((channel) => !this.#isHeld(stays, channel))
  }

  // Each channel of a client is held by its open connections, or by one that is away, never by both.
  #leaveTo (holders: readonly Stay[], away: Stay): void {
    const kept = this.#missing(holders, away.set)
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
    const { entry, set } = stay
    stay.state = 'over'
    this.#sets.part(set, stay)
    entry.stays = entry.stays.filter((other) => other !== stay)
    if (entry.stays.length === 0) this.#clients.delete(entry.key)
    this.#reportLeft(entry, set.channels)
  }

  // The subscriber is created for a hook only: its digest would be a tenth of the cost of a poll.
  #reportLeft (entry: PresenceEntry, channels: readonly string[]): void {
    const { onUnsubscribe } = this.#options
    if (onUnsubscribe === undefined) return
    const left = channels.filter((channel) => !this.#isHeld(entry.stays, channel))
    if (left.length === 0) return
    const { subscriber } = entry
    this.deferred.defer(() => onUnsubscribe(subscriber, left))
  }
}

// A client whose user changes becomes another subscriber.
function keyOf ({ client, user }: Identity): string {
  return user === undefined ? client : `${client}\n${user}`
}
