import { connectEvents, disconnectEvents, gapEvents } from '../bus/diagnostics.ts'
import type { EndReason } from './lease.ts'
import { digest, type Identity, isNamed, type Presence } from './presence/presence.ts'
import type { TransportName } from '../protocol/wire.ts'
import type { Stay } from './presence/presence-entry.ts'

/** A message of `node:diagnostics_channel` about a connection. */
export interface ConnectionEvent {
  /** a digest of the client's secret */
  readonly client: string
  readonly user: string | undefined
  readonly transport: TransportName
  readonly channels: readonly string[]
  /** why it ended; on `:disconnect` only */
  readonly reason?: EndReason
}

/** What `ConnectionLifecycle` needs to know of a connection. */
export interface LifecycleParts {
  readonly presence: Presence
  readonly transport: TransportName
  readonly identity: Identity
  readonly channels: readonly string[]
  /** Called once the connection has ended, after what is going on then. */
  readonly onEnd: (event: ConnectionEvent) => void
}

/**
 * Notifies presence, observers of `node:diagnostics_channel` and the logger of one connection's beginning, gaps and
 * end.
 */
export class ConnectionLifecycle {
  readonly #presence: Presence
  readonly #transport: TransportName
  readonly #identity: Identity
  readonly #onEnd: (event: ConnectionEvent) => void
  #channels: readonly string[]
  #state: 'new' | 'begun' | 'ended' = 'new'
  #stay: Stay | undefined
  /** whether its first batch, sent before `begin`, has a gap */
  #beginsWithGap = false

  constructor ({ presence, transport, identity, channels, onEnd }: LifecycleParts) {
    this.#presence = presence
    this.#transport = transport
    this.#identity = identity
    this.#channels = channels
    this.#onEnd = onEnd
  }

  /**
   * The connection has begun. Calls the application's observers and its hook before it returns: any of them may end the
   * connection.
   */
  begin (): void {
    const { deferred } = this.#presence
    // Observers are notified in order: first of what happened earlier. If that ends this connection, it must not become
    // present, since it would never leave.
    deferred.flush()
    if (this.#hasEnded()) return
    this.#state = 'begun'
    if (connectEvents.hasSubscribers) connectEvents.publish(this.#event())
    if (this.#beginsWithGap) this.gap()
    deferred.flush()
    if (!this.#hasEnded()) this.#stay = this.#presence.enter(this.#identity, this.#transport, this.#channels)
    // `enter` calls the hook, before there is a stay that `end` could have ended.
    if (this.#hasEnded()) this.#leave(false)
  }

  /** A gap was sent. Called before `begin`, observers are notified when it begins. */
  gap (): void {
    if (this.#state === 'new') this.#beginsWithGap = true
    else if (gapEvents.hasSubscribers) this.#presence.deferred.defer(() => { gapEvents.publish(this.#event()) })
  }

  /** The connection continues without these channels. */
  narrow (channels: readonly string[]): void {
    this.#channels = this.#channels.filter((channel) => !channels.includes(channel))
    if (this.#stay !== undefined) this.#presence.narrow(this.#stay, channels)
  }

  /** The connection has ended. Observers and the logger are notified after what is going on, and once. */
  end (reason: EndReason): void {
    if (this.#hasEnded()) return
    const hasBegun = this.#state === 'begun'
    this.#state = 'ended'
    this.#leave(isNamed(this.#identity) && comesBack(reason))
    this.#presence.deferred.defer(() => {
      if (hasBegun && disconnectEvents.hasSubscribers) disconnectEvents.publish(this.#event(reason))
    })
    this.#presence.deferred.defer(() => { this.#onEnd(this.#event(reason)) })
  }

  #leave (isExpected: boolean): void {
    if (this.#stay !== undefined) this.#presence.leave(this.#stay, isExpected)
  }

  // A method, because TypeScript would take the state for unchanged by the calls in between.
  #hasEnded (): boolean {
    return this.#state === 'ended'
  }

  #event (reason?: EndReason): ConnectionEvent {
    const { client, user } = this.#identity
    // The digest is computed when somebody reads it: most observers only count, and it is a tenth of the cost of a
    // poll.
    const [transport, channels] = [this.#transport, this.#channels]
    const event = { get client () { return digest(client) }, user, transport, channels }
    return reason === undefined ? event : Object.assign(event, { reason })
  }
}

// A connection that is gone may have been closed or lost, which looks the same. All other reasons tell the client to
// stay away, or to go to another server.
function comesBack (reason: EndReason): boolean {
  return reason === 'answered' || reason === 'gone' || reason === 'rotate' || reason === 'slow'
}
