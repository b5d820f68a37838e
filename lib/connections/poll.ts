import type { FastifyReply } from 'fastify'
import { Answer } from './poll-body.ts'
import { Batch } from '../transports/batch.ts'
import { closeFrame, type Connection, type ConnectionContext, type ConnectionParts, countSent, type EndReason, heartbeatFrame } from './connection.ts'
import { peerOf } from './sockets/dead-peers.ts'
import { isGone } from './sockets/gone.ts'
import { type CloseReason, MAX_POLL_BYTES } from '../protocol/wire.ts'
import { keepOpen } from './sockets/response.ts'
import { Portion } from '../bus/subscription/portion.ts'
import type { Seat } from '../bus/seat.ts'
import type { Subscription } from '../bus/subscription/subscription.ts'
import type { WireFrame } from '../transports/frames.ts'
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
  #lead: WireFrame[] = []
  /** what of its answer has been read so far, where that takes several steps */
  #gathered: Portion | undefined
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
    if (this.#subscription.inStep) return this.#hold()
    const page = this.#subscription.nextPage(this.#seat.audience, this.transport, BUDGET)
    if (page === undefined) return this.#openAlone()
    if (hasNews(page.batch)) this.#send(page.batch)
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
    this.#answerFrames([closeFrame(reason)], reason)
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
    else this.#answerFrames([heartbeatFrame(this.#context.bus)])
  }

  /** Reads a further part of its answer. */
  step (): boolean {
    if (this.ended !== undefined || this.#gathered === undefined) return false
    this.#gathered.append(this.#subscription.next(Math.min(STEP_BYTES, BUDGET - this.#gathered.bytes)))
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
    const portion = this.#subscription.next(FIRST_BYTES)
    if (!this.#isWhole(portion)) return this.#gather(portion)
    if (this.#atOnce || hasNews(portion)) return this.#answer(portion)
    this.#lead = portion.frames
    this.#hold()
  }

  #gather (portion: Portion): void {
    this.#gathered = portion
    this.#context.bus.work.add(this)
  }

  #isWhole ({ bytes }: Portion): boolean {
    return this.#subscription.inStep || bytes >= BUDGET
  }

  #hold (): void {
    keepOpen(this.#reply.raw, this.#context.settings)
    this.#seat.enterStep(this)
  }

  #next (): Portion {
    return this.#subscription.next(BUDGET)
  }

  #answerFrames (frames: WireFrame[], reason: EndReason = 'answered'): void {
    this.#answer(new Portion(frames, 0), reason)
  }

  #answer ({ frames, messages, gaps }: Portion, reason: EndReason = 'answered'): void {
    this.#send(new Batch(this.transport.encode([...this.#lead, ...frames]), messages, gaps), reason)
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

function hasNews ({ messages, gaps }: { messages: number, gaps: number }): boolean {
  return messages > 0 || gaps > 0
}
