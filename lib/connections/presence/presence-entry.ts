import type { CommonChannels } from './channel-sets.ts'
import { digest, type Identity } from './identity.ts'
import type { Linked } from '../../util/linked-list.ts'
import type { Subscriber } from './subscriber.ts'
import type { TransportName } from '../../protocol/wire.ts'

/** One client with all its connections, as presence sees it. */
export class PresenceEntry {
  readonly key: string
  readonly identity: Identity
  readonly #since = Date.now()
  #digest: string | undefined
  transport: TransportName = 'eventsource'
  stays: readonly Stay[] = []

  constructor (key: string, identity: Identity) {
    this.key = key
    this.identity = identity
  }

  /** Whether one of its connections is open. */
  get connected (): boolean {
    return this.stays.some(({ state }) => state === 'connected')
  }

  /** The channels of all its connections, each once. */
  get channels (): readonly string[] {
    const [first, ...others] = this.stays
    if (others.length === 0) return first?.set.channels ?? []
    return [...new Set(this.stays.flatMap(({ set }) => set.channels))]
  }

  /** The digest of its secret, computed once. */
  get digest (): string {
    this.#digest ??= digest(this.identity.client)
    return this.#digest
  }

  /** The client as the application sees it. */
  get subscriber (): Subscriber {
    const { digest: client, identity: { user }, transport } = this
    const since = this.#since
    return user === undefined ? { client, transport, since } : { client, user, transport, since }
  }
}

/**
 * One connection of a client, as presence sees it: `connected`, then `away` until the client has come back over another
 * connection, or has been away for too long, then `over`.
 */
export class Stay implements Linked<Stay> {
  readonly entry: PresenceEntry
  state: 'connected' | 'away' | 'over' = 'connected'
  /** the set of its channels; assigned by `Presence` */
  set!: CommonChannels<Stay>
  /** while it is away: when it is over, ms of the monotonic clock */
  until = 0
  older: Stay | undefined
  newer: Stay | undefined

  constructor (entry: PresenceEntry) {
    this.entry = entry
  }
}
