import type { Batch } from '../transports/batch.ts'
import type { Bus } from '../bus/bus.ts'
import { closeFrame, type Connection, type ConnectionParts, heartbeatFrame } from './connection.ts'
import type { EndReason } from './lease.ts'
import { encode } from '../bus/encode.ts'
import { control } from '../history/slice.ts'
import { LeasedConnection } from './leased-connection.ts'
import { rotationAge } from './retry.ts'
import type { ConnectionSettings } from './settings.ts'
import type { CloseReason, ControlFrame } from '../protocol/wire.ts'
import { StreamWriter } from './stream-writer.ts'
import type { Subscription } from '../bus/subscription/subscription.ts'
import type { Task } from '../util/work-queue.ts'

// The most that a stream reads and encodes at a time, bytes, or a single message: its opening while its request is
// handled, the rest in steps.
const OPENING_BYTES = 32_768
const STEP_BYTES = 65_536

/**
 * The states of a stream. Nothing leaves `ended`.
 *
 *    reading ─── caught up ──► live ─── socket full ──► waiting
 *     ▲ ▲ │                     │                        ▲ │
 *     │ └─── new epoch, denial ─┘                        │ │
 *     │   └────────────────── socket full ───────────────┘ │
 *     └────────────────────── drained ─────────────────────┘
 *
 * - `reading`: it is behind its audience and reads on from its subscription's position;
 * - `waiting`: its socket is full;
 * - `live`: it has been sent everything, and is delivered each batch of its audience;
 * - `ended`: its response is ended, or its client has left.
 */
type State = 'reading' | 'waiting' | 'live' | 'ended'

/** A response that continues: it reads from its subscription's position whenever its socket has room. */
export class Stream extends LeasedConnection implements Connection, Task {
  readonly #bus: Bus
  readonly #settings: ConnectionSettings
  readonly #subscription: Subscription
  readonly #writer: StreamWriter
  readonly #rotateAt: number
  #state: State = 'reading'
  /** whether it could not keep up with its audience and has not caught up since; see `ReadOptions` */
  #isBehind = false
  /** when it was last written to, apart from most batches of its audience, ms of the monotonic clock */
  #wroteAt = performance.now()

  /** Sends headers, `preamble` and the first frames. */
  constructor (parts: ConnectionParts, preamble: string) {
    const { bus, settings, subscription, transport } = parts
    super(parts)
    this.#bus = bus
    this.#settings = settings
    this.#subscription = subscription
    this.#rotateAt = this.#wroteAt + rotationAge(settings.maxConnectionAge)
    const opening = subscription.opening(Math.min(settings.maxBufferedBytes, OPENING_BYTES))
    this.#writer = new StreamWriter(parts, encode(opening, transport, preamble))
  }

  get lagging (): boolean {
    return this.#state === 'waiting'
  }

  open (): void {
    this.#rotateIfFull()
    if (this.#state === 'ended') return
    if (this.#writer.isReady) this.#readOn()
    else this.#enter('waiting')
  }

  step (): boolean {
    if (this.#state !== 'reading') return false
    // Where nothing is sent there is nothing to wait for, even if a response does not count what has left (`inject`).
    if (this.#subscription.isLive) this.#enter('live')
    else this.#sendNext()
    return this.#state === 'reading'
  }

  deliver (batch: Batch, position: number): void {
    this.#writer.write(batch)
    this.#rotateIfFull()
    if (this.#state === 'ended' || this.#writer.isReady) return
    this.#leaveAudience(position)
    if (this.lease.seat.channels.some(({ limits }) => limits.slowConsumer === 'disconnect')) return this.close('slow')
    this.#isBehind = true
    this.#enter('waiting')
  }

  restart (): void {
    this.#leaveAudience(this.#bus.position)
    this.#readOn()
  }

  /** Takes these channels out of the stream and notifies the client; without any channel left it ends. */
  deny (channels: readonly string[]): void {
    const left = this.channels.filter((name) => !channels.includes(name))
    if (left.length === 0) return this.close('unauthorized')
    // What was published before the denial is delivered before it, which may end the stream.
    const seat = this.#bus.subscribe(left)
    if (this.ended !== undefined) return seat.leave()
    if (this.#state === 'live') this.#leaveAudience(this.#bus.position)
    this.lease.changeSeat(seat)
    this.#subscription.restrict(seat.channels)
    this.#subscription.announce({ type: 'denied', channels: [...channels] })
    if (this.#state !== 'waiting') this.#readOn()
  }

  close (reason: CloseReason): void {
    if (this.#state === 'ended') return
    this.#end(reason)
    this.#sendFrame(closeFrame(reason))
    this.#writer.end()
  }

  supersede (): void {
    this.close('rotate')
  }

  closed (): void {
    this.#end('gone')
  }

  isGone (): boolean {
    return this.#writer.isGone
  }

  destroy (): void {
    this.#writer.destroy()
  }

  peer (): string {
    return this.#writer.peer
  }

  tick (now: number): void {
    switch (this.#deadline(now)) {
      case 'dead': return this.destroy()
      case 'rotate': return this.close('rotate')
      case 'heartbeat': return this.#sendFrame(heartbeatFrame(this.#bus))
    }
  }

  #deadline (now: number): 'dead' | 'rotate' | 'heartbeat' | undefined {
    const { heartbeatInterval } = this.#settings
    switch (this.#state) {
      case 'waiting':
      case 'ended':
        return now - this.#wroteAt > 2 * heartbeatInterval ? 'dead' : undefined
      case 'reading':
        return now >= this.#rotateAt ? 'rotate' : undefined
      case 'live': {
        const { servedAt } = this.lease.seat.audience
        if (now >= this.#rotateAt) return 'rotate'
        return now - Math.max(this.#wroteAt, servedAt) >= heartbeatInterval ? 'heartbeat' : undefined
      }
    }
  }

  /** The state machine: begins a state. Nothing leaves `ended`, which only `#end` begins. */
  #enter (state: Exclude<State, 'ended'>): void {
    this.#state = state
    switch (state) {
      case 'reading':
        // In turn with the steps of other streams.
        return this.#bus.work.add(this)
      case 'waiting':
        this.#wroteAt = performance.now()
        return this.#writer.onceReady(() => { if (this.#state === 'waiting') this.#enter('reading') })
      case 'live':
        this.#isBehind = false
        return this.lease.seat.attach(this)
    }
  }

  #end (reason: EndReason): void {
    this.#state = 'ended'
    this.lease.release(reason)
  }

  // Most streams are not far behind: the first step is made immediately.
  #readOn (): void {
    this.#enter('reading')
    this.step()
  }

  #leaveAudience (position: number): void {
    this.lease.seat.detach()
    this.#subscription.moveTo(position)
  }

  #sendNext (): void {
    this.#send(this.#next())
    if (this.#state !== 'reading') return
    if (!this.#writer.isReady) this.#enter('waiting')
    else if (this.#subscription.isLive) this.#enter('live')
  }

  #next (): Batch {
    const budget = Math.min(this.#settings.maxBufferedBytes, STEP_BYTES)
    const { audience } = this.lease.seat
    const shared = this.#isBehind ? undefined : this.#subscription.nextShared(audience, this.transport, budget)
    return shared ?? encode(this.#subscription.next(budget, this.#isBehind), this.transport)
  }

  #sendFrame (frame: ControlFrame): void {
    this.#send(encode({ items: [control(frame)] }, this.transport))
  }

  #send (batch: Batch): void {
    if (batch.body.length === 0) return
    this.#wroteAt = performance.now()
    this.#writer.write(batch)
    this.#rotateIfFull()
  }

  #rotateIfFull (): void {
    if (this.#writer.isFull) this.close('rotate')
  }
}
