import type { FastifyReply } from 'fastify'
import { Answer } from './poll-body.ts'
import type { Batch } from '../transports/batch.ts'
import { closeFrame, type Connection, type ConnectionContext, type ConnectionParts, countSent, type EndReason, heartbeatFrame } from './connection.ts'
import { peerOf } from './sockets/dead-peers.ts'
import { isGone } from './sockets/gone.ts'
import { type CloseReason, type ControlFrame, MAX_POLL_BYTES } from '../protocol/wire.ts'
import { keepOpen } from './sockets/response.ts'
import { encode } from '../bus/encode.ts'
import { concat, control, isLoss, isMessage, type Slice, type SliceItem } from '../history/slice.ts'
import type { Seat } from '../bus/seat.ts'
import type { Subscription } from '../bus/subscription/subscription.ts'
import type { Transport } from '../transports/transport.ts'
import type { Task } from '../util/work-queue.ts'

/** A response that ends after its first flush: answered at once where there is something to say, else held. */
export class Poll implements Connection, Task {
  readonly transport: Transport
  readonly lagging = false
  readonly #context: ConnectionContext
  readonly #reply: FastifyReply
  readonly #seat: Seat
  readonly #subscription: Subscription
  readonly #atOnce: boolean
  readonly #openedAt = performance.now()
  /** what goes along with the answer, but is no reason to answer */
  #lead: readonly SliceItem[] = []
  /** what of its answer has been read so far, where that takes several steps */
  #gathered: Slice | undefined
  #sent: Answer | undefined
  ended: EndReason | undefined

  /** `atOnce`: whether it is answered even if there is no news. */
  constructor ({ context, transport, reply, seat, subscription }: ConnectionParts, atOnce: boolean) {
    this.#context = context
    this.transport = transport
    this.#reply = reply
    this.#seat = seat
    this.#subscription = subscription
    this.#atOnce = atOnce
  }

  get channels (): string[] {
    return this.#seat.channels.map((channel) => channel.name)
  }

  open (): void {
    // A hook may have ended it.
    if (this.ended !== undefined) return
    if (this.#subscription.isLive) return this.#hold()
    const batch = this.#subscription.nextShared(this.#seat.audience, this.transport, BUDGET)
    if (batch === undefined) return this.#openAlone()
    if (batch.messages > 0 || batch.gaps > 0) this.#send(batch)
    else this.#hold()
  }

  deliver (batch: Batch): void {
    if (this.#lead.length > 0) this.#answer(this.#next())
    else this.#send(batch)
  }

  restart (): void {
    this.#answer(this.#next())
  }

  close (reason: CloseReason): void {
    this.#answerWith(closeFrame(reason), reason)
  }

  closed (): void {
    this.#end('gone')
  }

  isGone (): boolean {
    return isGone(this.#reply.raw)
  }

  fail (): void {
    try {
      this.#end('gone')
    } finally {
      this.destroy()
    }
  }

  destroy (): void {
    this.#reply.raw.destroy()
  }

  peer (): string {
    return peerOf(this.#reply.request.socket)
  }

  supersede (): void {
    // A heartbeat says that everything was sent.
    if (this.#gathered !== undefined) this.#answer(this.#gathered)
    else this.#answerWith(heartbeatFrame(this.#context.bus))
  }

  /** Reads a further part of its answer. */
  step (): boolean {
    if (this.ended !== undefined || this.#gathered === undefined) return false
    this.#gathered = concat(this.#gathered, this.#subscription.next(Math.min(STEP_BYTES, BUDGET - this.#gathered.bytes)))
    if (this.#isWhole(this.#gathered)) this.#answer(this.#gathered)
    return this.ended === undefined
  }

  tick (now: number): void {
    const { pollTimeout, heartbeatInterval } = this.#context.settings
    if (this.#sent === undefined && now - this.#openedAt >= pollTimeout) this.supersede()
    // The answer is ours until it has left.
    else if (this.#sent !== undefined && now - this.#sent.readAt > 2 * heartbeatInterval) this.destroy()
  }

  // What it begins with is nobody else's.
  #openAlone (): void {
    const slice = this.#subscription.next(FIRST_BYTES)
    if (!this.#isWhole(slice)) return this.#gather(slice)
    if (this.#atOnce || hasNews(slice)) return this.#answer(slice)
    this.#lead = slice.items
    this.#hold()
  }

  #gather (slice: Slice): void {
    this.#gathered = slice
    this.#context.bus.work.add(this)
  }

  #isWhole ({ bytes }: Slice): boolean {
    return this.#subscription.isLive || bytes >= BUDGET
  }

  #hold (): void {
    keepOpen(this.#reply.raw, this.#context.settings)
    this.#seat.enterStep(this)
  }

  #next (): Slice {
    return this.#subscription.next(BUDGET)
  }

  #answerWith (frame: ControlFrame, reason: EndReason = 'answered'): void {
    this.#answer({ items: [control(frame)] }, reason)
  }

  #answer ({ items }: Pick<Slice, 'items'>, reason: EndReason = 'answered'): void {
    this.#send(encode({ items: [...this.#lead, ...items] }, this.transport), reason)
  }

  #send (batch: Batch, reason: EndReason = 'answered'): void {
    if (this.ended !== undefined) return
    countSent(this.#context, batch, batch.body.length)
    this.#sent = new Answer(batch.body)
    this.#end(reason)
    if (batch.body !== this.#sent.payload) this.#reply.header('content-length', batch.body.length)
    this.#reply.send(this.#sent.payload)
  }

  #end (reason: EndReason): void {
    if (this.ended !== undefined) return
    this.ended = reason
    this.#seat.leave()
    this.#context.membership.end(reason)
  }
}

// Room for the frames around the messages: open, denied, joined, gaps.
const ENVELOPE_BYTES = 65_536
const BUDGET = MAX_POLL_BYTES - ENVELOPE_BYTES
// What is read of an answer while its request is handled, bytes, and at each further step.
const FIRST_BYTES = 32_768
const STEP_BYTES = 131_072

function hasNews ({ items }: Slice): boolean {
  return items.some((item) => isMessage(item) || isLoss(item))
}
