import type { FastifyReply } from 'fastify'
import type { Batch } from '../transports/batch.ts'
import type { Bus } from '../bus/bus.ts'
import { closeFrame, type Connection, type ConnectionParts, countSent, heartbeatFrame } from './connection.ts'
import type { EndReason } from './lease.ts'
import { LeasedConnection } from './leased-connection.ts'
import { PollBody } from './poll-body.ts'
import { peerOf } from './sockets/dead-peers.ts'
import { isGone } from './sockets/gone.ts'
import { type CloseReason, MAX_POLL_BYTES } from '../protocol/wire.ts'
import { keepOpen } from './sockets/response.ts'
import { encode } from '../bus/encode.ts'
import { concat, control, isLoss, isMessage, type Slice, type SliceItem } from '../history/slice.ts'
import type { Subscription } from '../bus/subscription/subscription.ts'
import type { Task } from '../util/work-queue.ts'

// Room for the frames around the messages: open, denied, joined, gaps.
const ENVELOPE_BYTES = 65_536
const ANSWER_BYTES = MAX_POLL_BYTES - ENVELOPE_BYTES
// The most bytes of an answer that are read while the request is handled, and at each further step.
const OPENING_BYTES = 32_768
const STEP_BYTES = 131_072

/**
 * The states of a poll. Each leads to the next, or past it; `answered` and `gone` are the two ends.
 *
 * - `open`: hooks and observers are called;
 * - `reading`: its answer is large, and `read` is the part that has been read in steps;
 * - `held`: there is nothing to say yet; `lead` accompanies the answer, but is no reason to send one;
 * - `answered`: `body` is on its way;
 * - `gone`: the client has left before.
 */
type State =
  | { readonly name: 'open' | 'gone' }
  | { readonly name: 'reading', readonly read: Slice }
  | { readonly name: 'held', readonly lead: readonly SliceItem[] }
  | { readonly name: 'answered', readonly reason: EndReason, readonly body: PollBody }

/** A response that ends after its first flush: immediately if there is something to say, else it is held. */
export class Poll extends LeasedConnection implements Connection, Task {
  readonly lagging = false
  readonly #parts: ConnectionParts
  readonly #bus: Bus
  readonly #reply: FastifyReply
  readonly #subscription: Subscription
  readonly #isImmediate: boolean
  readonly #openedAt = performance.now()
  #state: State = { name: 'open' }

  /** `isImmediate`: whether it is answered even if there is nothing new. */
  constructor (parts: ConnectionParts, isImmediate: boolean) {
    const { bus, reply, subscription } = parts
    super(parts)
    this.#parts = parts
    this.#bus = bus
    this.#reply = reply
    this.#subscription = subscription
    this.#isImmediate = isImmediate
  }

  open (): void {
    // A hook may have ended it.
    if (this.#state.name !== 'open') return
    if (this.#subscription.isLive) return this.#enter({ name: 'held', lead: [] })
    const shared = this.#subscription.nextShared(this.lease.seat.audience, this.transport, ANSWER_BYTES)
    if (shared === undefined) this.#openAlone()
    else if (shared.messages > 0 || shared.gaps > 0) this.#answer(shared)
    else this.#enter({ name: 'held', lead: [] })
  }

  deliver (batch: Batch): void {
    // The batch is shared: with frames of its own before it, the poll needs one for itself.
    if (this.#lead.length === 0) this.#answer(batch)
    else this.#answerWith(this.#subscription.next(ANSWER_BYTES))
  }

  restart (): void {
    this.#answerWith(this.#subscription.next(ANSWER_BYTES))
  }

  close (reason: CloseReason): void {
    this.#answerWith({ items: [control(closeFrame(reason))] }, reason)
  }

  supersede (): void {
    // A heartbeat says that everything was sent.
    if (this.#state.name === 'reading') this.#answerWith(this.#state.read)
    else this.#answerWith({ items: [control(heartbeatFrame(this.#bus))] })
  }

  closed (): void {
    this.#enter({ name: 'gone' })
  }

  isGone (): boolean {
    return isGone(this.#reply.raw)
  }

  destroy (): void {
    this.#reply.raw.destroy()
  }

  peer (): string {
    return peerOf(this.#reply.request.socket)
  }

  step (): boolean {
    if (this.#state.name !== 'reading') return false
    const { read: before } = this.#state
    const read = concat(before, this.#subscription.next(Math.min(STEP_BYTES, ANSWER_BYTES - before.bytes)))
    this.#state = { name: 'reading', read }
    if (!this.#isWhole(read)) return true
    this.#answerWith(read)
    return false
  }

  tick (now: number): void {
    switch (this.#deadline(now)) {
      case 'timeout': return this.supersede()
      case 'unread': return this.destroy()
    }
  }

  #deadline (now: number): 'timeout' | 'unread' | undefined {
    const { pollTimeout, heartbeatInterval } = this.#parts.settings
    switch (this.#state.name) {
      case 'open':
      case 'reading':
      case 'held':
        return now - this.#openedAt >= pollTimeout ? 'timeout' : undefined
      case 'answered':
        return now - this.#state.body.readAt > 2 * heartbeatInterval ? 'unread' : undefined
      case 'gone':
        return undefined
    }
  }

  /** The state machine: begins a state. Nothing leaves `answered` and `gone`. */
  #enter (state: State): void {
    if (this.ended !== undefined) return
    this.#state = state
    switch (state.name) {
      case 'reading':
        return this.#bus.work.add(this)
      case 'held':
        keepOpen(this.#reply.raw, this.#parts.settings)
        return this.lease.seat.attach(this)
      case 'answered':
        this.lease.release(state.reason)
        return this.#send(state.body)
      case 'gone':
        return this.lease.release('gone')
    }
  }

  // What it begins with is for this client only.
  #openAlone (): void {
    const read = this.#subscription.next(OPENING_BYTES)
    if (!this.#isWhole(read)) this.#enter({ name: 'reading', read })
    else if (this.#isImmediate || hasNews(read)) this.#answerWith(read)
    else this.#enter({ name: 'held', lead: read.items })
  }

  #isWhole ({ bytes }: Slice): boolean {
    return this.#subscription.isLive || bytes >= ANSWER_BYTES
  }

  get #lead (): readonly SliceItem[] {
    return this.#state.name === 'held' ? this.#state.lead : []
  }

  #answerWith ({ items }: Pick<Slice, 'items'>, reason: EndReason = 'answered'): void {
    this.#answer(encode({ items: [...this.#lead, ...items] }, this.transport), reason)
  }

  #answer (batch: Batch, reason: EndReason = 'answered'): void {
    if (this.ended !== undefined) return
    countSent(this.#parts, batch, batch.body.length)
    this.#enter({ name: 'answered', reason, body: new PollBody(batch.body) })
  }

  #send ({ payload, length }: PollBody): void {
    if (!(payload instanceof Buffer)) this.#reply.header('content-length', length)
    this.#reply.send(payload)
  }
}

function hasNews ({ items }: Slice): boolean {
  return items.some((item) => isMessage(item) || isLoss(item))
}
