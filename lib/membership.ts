import { channel as diagnosticsChannel } from 'node:diagnostics_channel'
import type { EndReason } from './connection.ts'
import { digest, type Identity, isNamed, type Presence } from './presence.ts'
import type { TransportName } from './protocol.ts'
import type { Transport } from './transports/transport.ts'

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
export class Membership {
  readonly #presence: Presence
  readonly #log: (event: ConnectionEvent) => void
  readonly #transport: Transport
  readonly #identity: Identity
  #channels: readonly string[]
  #stage: 'new' | 'begun' | 'present' | 'ended' = 'new'
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
    this.#stage = 'begun'
    if (connected.hasSubscribers) connected.publish(this.#event())
    if (this.#beganWithGap) this.gap()
    // An observer may have ended it.
    if (this.#stage !== 'begun') return
    this.#stage = 'present'
    this.#presence.enter(this.#identity, this.#transport.name, this.#channels)
  }

  /** Told before it has begun, observers hear of it then. */
  gap (): void {
    if (this.#stage === 'new') this.#beganWithGap = true
    else if (gapTold.hasSubscribers) gapTold.publish(this.#event())
  }

  /** It goes on without these channels. */
  leave (channels: readonly string[]): void {
    this.#channels = this.#channels.filter((channel) => !channels.includes(channel))
    this.#presence.leave(this.#identity, channels, false)
  }

  /** It has ended; what is told of that is told once. */
  end (reason: EndReason): void {
    const stage = this.#stage
    if (stage === 'ended') return
    this.#stage = 'ended'
    this.stop?.()
    if (stage === 'present') this.#presence.leave(this.#identity, this.#channels, isNamed(this.#identity) && comesBack(reason, this.#transport))
    if (disconnected.hasSubscribers) disconnected.publish(this.#event(reason))
    this.#log(this.#event(reason))
  }

  #event (reason?: EndReason): ConnectionEvent {
    const { client, user } = this.#identity
    // Digested for those who look: most only count, and it is a tenth of the cost of a poll.
    const event = { get client () { return digest(client) }, user, transport: this.#transport.name, channels: this.#channels }
    return reason === undefined ? event : Object.assign(event, { reason })
  }
}

// A poll is one of many; a stream's client is only expected when it was asked to come back.
function comesBack (reason: EndReason, { endsAfterFlush }: Transport): boolean {
  return endsAfterFlush ? reason === 'answered' || reason === 'gone' : reason === 'rotate'
}
