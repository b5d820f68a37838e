import type { Batch } from '../transports/batch.ts'
import { closeFrame, type Connection, type ConnectionContext, type ConnectionParts, countSent, type EndReason, heartbeatFrame } from './connection.ts'
import { encode } from '../bus/encode.ts'
import { control } from '../history/slice.ts'
import { peerOf } from './sockets/dead-peers.ts'
import { rotationAge } from './retry.ts'
import type { CloseReason, ControlFrame } from '../protocol/wire.ts'
import { type Response, streamResponse } from './sockets/response.ts'
import type { Seat } from '../bus/seat.ts'
import type { Subscription } from '../bus/subscription/subscription.ts'
import type { Transport } from '../transports/transport.ts'
import type { Task } from '../util/work-queue.ts'

// A stream reads and encodes at most so much at once, bytes, or a single message: its opening while its request is
// handled, the rest in steps.
const OPENING_BYTES = 32_768
const STEP_BYTES = 65_536

/**
 * - `reading`: it is behind, and its next step is to come;
 * - `waiting`: its socket is full;
 * - `live`: it was sent everything, and gets each batch of its audience;
 * - `ended`: its response is ended, or gone.
 */
type State = 'reading' | 'waiting' | 'live' | 'ended'

/** A response that goes on: it reads from its subscription's position whenever its socket has room. */
export class Stream implements Connection, Task {
  readonly transport: Transport
  readonly #context: ConnectionContext
  readonly #response: Response
  readonly #subscription: Subscription
  readonly #rotateAt: number
  #seat: Seat
  #state: State = 'reading'
  /** whether it has failed to keep up with its audience, until it has caught up again */
  #behind = false
  #bytes = 0
  #wroteAt = performance.now()
  #waitsSince = 0
  ended: EndReason | undefined

  /** Sends headers, `preamble` and the first frames. */
  constructor ({ context, transport, request, reply, seat, subscription }: ConnectionParts, preamble: string) {
    this.#context = context
    this.transport = transport
    this.#seat = seat
    this.#subscription = subscription
    this.#rotateAt = this.#wroteAt + rotationAge(context.settings.maxConnectionAge)
    const opening = subscription.opening(Math.min(context.settings.maxBufferedBytes, OPENING_BYTES))
    const first = encode(opening, transport, preamble)
    this.#response = streamResponse(request, reply, first, context.settings)
    this.#count(first, first.body.length)
  }

  get channels (): string[] {
    return this.#seat.channels.map((channel) => channel.name)
  }

  get lagging (): boolean {
    return this.#state === 'waiting'
  }

  open (): void {
    this.#limit()
    if (this.ended === undefined && !this.#response.ready()) this.#wait()
    else this.#read()
  }

  /** Sends the next portion. */
  step (): boolean {
    if (this.#state !== 'reading') return false
    // Where nothing is sent there is nothing to wait for, also where a response does not count what has left (`inject`).
    if (this.#subscription.isLive) this.#enterStep()
    else this.#sendNext()
    return this.#state === 'reading'
  }

  deliver (batch: Batch, position: number): void {
    this.#count(batch, this.#response.write(batch))
    this.#limit()
    if (this.ended !== undefined || this.#response.ready()) return
    this.#leaveStep(position)
    if (this.#seat.channels.some((channel) => channel.limits.slowConsumer === 'disconnect')) this.close('slow')
    else {
      this.#behind = true
      this.#wait()
    }
  }

  restart (): void {
    this.#leaveStep(this.#context.bus.position)
    this.#read()
  }

  /** Takes these channels out of it and tells the client; without any left it ends. */
  deny (channels: readonly string[]): void {
    const { bus } = this.#context
    const left = this.channels.filter((name) => !channels.includes(name))
    if (left.length === 0) return this.close('unauthorized')
    // What was published before is sent before, which may end this stream.
    bus.flush()
    if (this.ended === undefined) this.#changeSeat(left, channels)
  }

  #changeSeat (left: readonly string[], denied: readonly string[]): void {
    const { bus } = this.#context
    if (this.#state === 'live') this.#leaveStep(bus.position)
    const seat = bus.join(left)
    // Joining hands out as well.
    if (this.ended !== undefined) return seat.leave()
    this.#seat.leave()
    this.#seat = seat
    this.#subscription.restrict(seat.channels)
    this.#subscription.announce({ type: 'denied', channels: [...denied] })
    if (!this.lagging) this.#read()
  }

  close (reason: CloseReason): void {
    if (this.ended !== undefined) return
    this.#end(reason)
    this.#tell(closeFrame(reason))
    this.#response.end()
  }

  supersede (): void { this.close('rotate') }

  closed (): void {
    this.#end('gone')
  }

  isGone (): boolean {
    return this.#response.isGone()
  }

  fail (): void {
    try {
      this.#end('gone')
    } finally {
      this.destroy()
    }
  }

  destroy (): void { this.#response.destroy() }

  peer (): string {
    return peerOf(this.#response.socket)
  }

  tick (now: number): void {
    const { heartbeatInterval } = this.#context.settings
    if (this.ended !== undefined || this.lagging) {
      if (now - Math.max(this.#waitsSince, this.#wroteAt) > 2 * heartbeatInterval) this.destroy()
    } else if (now >= this.#rotateAt) {
      this.close('rotate')
    } else if (this.#state === 'live' && now - Math.max(this.#wroteAt, this.#seat.audience.servedAt) >= heartbeatInterval) {
      this.#tell(heartbeatFrame(this.#context.bus))
    }
  }

  // A short step at once, since most are not far behind; all others in turn with those of other streams.
  #read (): void {
    if (this.step()) this.#context.bus.work.add(this)
  }

  #sendNext (): void {
    this.#send(this.#next())
    if (this.#state !== 'reading') return
    if (!this.#response.ready()) this.#wait()
    else if (this.#subscription.isLive) this.#enterStep()
  }

  #next (): Batch {
    const budget = Math.min(this.#context.settings.maxBufferedBytes, STEP_BYTES)
    const shared = this.#behind ? undefined : this.#subscription.nextShared(this.#seat.audience, this.transport, budget)
    return shared ?? encode(this.#subscription.next(budget, this.#behind), this.transport)
  }

  #enterStep (): void {
    this.#state = 'live'
    this.#behind = false
    this.#seat.enterStep(this)
  }

  #leaveStep (position: number): void {
    this.#state = 'reading'
    this.#seat.leaveStep()
    this.#subscription.moveTo(position)
  }

  #wait (): void {
    this.#state = 'waiting'
    this.#waitsSince = performance.now()
    this.#response.onceReady(() => {
      if (this.#state !== 'waiting') return
      this.#state = 'reading'
      this.#waitsSince = 0
      this.#context.bus.work.add(this)
    })
  }

  #tell (frame: ControlFrame): void {
    this.#send(encode({ items: [control(frame)] }, this.transport))
  }

  #send (batch: Batch): void {
    if (batch.body.length === 0) return
    this.#wroteAt = performance.now()
    this.#count(batch, this.#response.write(batch))
    this.#limit()
  }

  #count (batch: Batch, sent: number): void {
    countSent(this.#context, batch, sent)
    this.#bytes += batch.body.length
  }

  #limit (): void {
    if (this.#bytes > this.transport.maxBytes) this.close('rotate')
  }

  #end (reason: EndReason): void {
    if (this.ended !== undefined) return
    this.ended = reason
    this.#state = 'ended'
    this.#seat.leave()
    this.#context.membership.end(reason)
  }
}
