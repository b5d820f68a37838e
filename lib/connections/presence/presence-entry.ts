import type { ChannelSet } from './channel-sets.ts'
import { digest, type Identity } from './identity.ts'
import type { Linked } from '../../util/linked-list.ts'
import type { Subscriber } from './subscriber.ts'
import type { TransportName } from '../../protocol/wire.ts'

/** One client, over all its connections. */
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

  get connected (): boolean {
    return this.stays.some(({ state }) => state === 'connected')
  }

  get channels (): readonly string[] {
    const [first, ...others] = this.stays
    return others.length === 0 ? first?.set.channels ?? [] : [...new Set(this.stays.flatMap(({ set }) => set.channels))]
  }

  get digest (): string {
    this.#digest ??= digest(this.identity.client)
    return this.#digest
  }

  get subscriber (): Subscriber {
    const { digest: client, identity: { user }, transport } = this
    return user === undefined ? { client, transport, since: this.#since } : { client, user, transport, since: this.#since }
  }
}

/** One connection of a client, as presence sees it, until the client has come back over another one or has left. */
export class Stay implements Linked<Stay> {
  readonly entry: PresenceEntry
  state: 'connected' | 'away' | 'over' = 'connected'
  set!: ChannelSet<Stay>
  /** when it has left, if it is away until then; ms of the monotonic clock */
  until = 0
  older: Stay | undefined
  newer: Stay | undefined

  constructor (entry: PresenceEntry) {
    this.entry = entry
  }
}
