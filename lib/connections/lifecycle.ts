import { channel as diagnosticsChannel } from 'node:diagnostics_channel'
import type { EndReason } from './connection.ts'
import { digest, type Identity, isNamed, type Presence } from './presence/presence.ts'
import type { TransportName } from '../protocol/wire.ts'
import type { Stay } from './presence/presence-entry.ts'
import type { Transport } from '../transports/transport.ts'

const connected = diagnosticsChannel('fastify-comet:connect')
const disconnected = diagnosticsChannel('fastify-comet:disconnect')
const gapTold = diagnosticsChannel('fastify-comet:gap')

/** What an observer of `node:diagnostics_channel` is told of a connection. */
export interface ConnectionEvent {
  /** a digest of the client's secret */
  readonly client: string
  readonly user: string | undefined
  readonly transport: TransportName
  readonly channels: readonly string[]
  /** why it ended; on `:disconnect` only */
  readonly reason?: EndReason
}

/** What is told of one connection: to presence, to observers, to the log. */
export class ConnectionLifecycle {
  readonly #presence: Presence
  readonly #log: (event: ConnectionEvent) => void
  readonly #transport: Transport
  readonly #identity: Identity
  #channels: readonly string[]
  #stage: 'new' | 'begun' | 'ended' = 'new'
  #stay: Stay | undefined
  #beganWithGap = false
  /** stops what goes on beside the connection */
  stop: (() => void) | undefined

  /** `log` is told of its end. */
  constructor (presence: Presence, log: (event: ConnectionEvent) => void, transport: Transport, identity: Identity, channels: readonly string[]) {
    this.#presence = presence
    this.#log = log
    this.#transport = transport
    this.#identity = identity
    this.#channels = channels
  }

  begin (): void {
    const { deferred } = this.#presence
    // Of what was before, observers are notified first.
    deferred.flush()
    // One of those calls may have ended it: who had begun to be present then would never leave.
    if (this.#isEnded()) return
    this.#stage = 'begun'
    if (connected.hasSubscribers) connected.publish(this.#event())
    if (this.#beganWithGap) this.gap()
    deferred.flush()
    if (!this.#isEnded()) this.#stay = this.#presence.enter(this.#identity, this.#transport.name, this.#channels)
    // The hook may have ended it.
    if (this.#isEnded()) this.#leave(false)
  }

  /** A gap before it has begun is reported to observers then. */
  gap (): void {
    if (this.#stage === 'new') this.#beganWithGap = true
    else if (gapTold.hasSubscribers) this.#presence.deferred.defer(() => { gapTold.publish(this.#event()) })
  }

  /** It goes on without these channels. */
  leave (channels: readonly string[]): void {
    this.#channels = this.#channels.filter((channel) => !channels.includes(channel))
    if (this.#stay !== undefined) this.#presence.narrow(this.#stay, channels)
  }

  /** It has ended; what is told of that is told once. */
  end (reason: EndReason): void {
    if (this.#isEnded()) return
    const hasBegun = this.#stage === 'begun'
    this.#stage = 'ended'
    this.stop?.()
    this.#leave(isNamed(this.#identity) && comesBack(reason))
    this.#presence.deferred.defer(() => {
      if (hasBegun && disconnected.hasSubscribers) disconnected.publish(this.#event(reason))
    })
    this.#presence.deferred.defer(() => { this.#log(this.#event(reason)) })
  }

  #leave (isExpected: boolean): void {
    if (this.#stay !== undefined) this.#presence.leave(this.#stay, isExpected)
  }

  // An observer, or a hook, may have ended it.
  #isEnded (): boolean {
    return this.#stage === 'ended'
  }

  #event (reason?: EndReason): ConnectionEvent {
    const { client, user } = this.#identity
    // Digested for those who look: most only count, and it is a tenth of the cost of a poll.
    const event = { get client () { return digest(client) }, user, transport: this.#transport.name, channels: this.#channels }
    return reason === undefined ? event : Object.assign(event, { reason })
  }
}

// Nobody can know at once whether a connection that is gone was closed or lost. All other reasons tell the client to stay away, or to go to another server.
function comesBack (reason: EndReason): boolean {
  return reason === 'answered' || reason === 'gone' || reason === 'rotate' || reason === 'slow'
}
