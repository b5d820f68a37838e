import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Permit } from '../../connections/authorization/authorization.ts'
import { connect } from '../../connections/connect.ts'
import type { Engine } from '../instance.ts'
import { asError } from '../../errors.ts'
import { isGone } from '../../connections/sockets/gone.ts'
import type { AuthorizeQuestion } from '../../connections/authorization/authorize.ts'
import type { Place } from '../../connections/places.ts'
import { EARLIEST } from '../../protocol/wire.ts'
import type { Inquiry } from '../../connections/authorization/revocations.ts'
import { writeLog } from '../../util/logger.ts'
import { settle } from '../../bus/settle.ts'
import type { Transport } from '../../transports/transport.ts'
import type { SubscribeQuery } from './query.ts'
import { checkHeaders, sendAway, sendClose, setHeaders } from './responses.ts'

// How often `authorize` is asked about one request whose client is disconnected each time before the answer can be used. The last
// answer stands: it is younger than all but the last disconnect, and an asynchronous `authorize` that itself disconnects the
// older connections of whom it lets in would otherwise never let anybody in.
const MAX_QUESTIONS = 3

export interface Visit {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly query: SubscribeQuery
  /** to post frames to; empty for the server's own */
  readonly origin: string
  readonly place: Place
}

/**
 * A request between its arrival and its start as a connection: `authorize` is asked, and the log has to be as far as the
 * cursor. Its client may leave, be disconnected, or the server close, during each wait.
 */
export class Admission {
  readonly #engine: Engine
  readonly #transport: Transport
  readonly #visit: Visit
  readonly #question: AuthorizeQuestion
  #questions = 0
  #isSettled = false
  #isSentAway = false

  constructor (engine: Engine, transport: Transport, visit: Visit) {
    const { query } = visit
    this.#engine = engine
    this.#transport = transport
    this.#visit = visit
    this.#question = { action: 'subscribe', channels: query.channels, history: historyWanted(query) }
  }

  /** Ends with a connection, with a refusal, or with nothing where the client has left. */
  begin (): void {
    const { waiting } = this.#engine.connections
    try {
      const asked = this.#ask()
      if (asked === undefined) return
      waiting.add(this)
      asked.catch((error: unknown) => { this.#refuse(error) }).finally(() => { waiting.delete(this) })
    } catch (error) {
      this.#refuse(error)
    }
  }

  /** Ends it with a refusal, whatever it waits for. */
  sendAway (reason: 'busy' | 'shutdown'): void {
    if (this.#isOver) return
    this.#isSentAway = true
    this.#visit.place.release()
    sendAway(this.#engine, this.#transport, this.#visit.reply, reason)
  }

  #ask (): void | Promise<void> {
    const inquiry = this.#engine.authorization.revocations.inquire()
    try {
      this.#questions++
      const permit = inquiry.ask(() => this.#permit())
      const waiting = permit instanceof Promise ? permit.then((permit) => this.#permitted(permit, inquiry)) : this.#permitted(permit, inquiry)
      if (waiting instanceof Promise) return waiting.finally(() => { inquiry.close() })
    } catch (error) {
      inquiry.close()
      throw error
    }
    inquiry.close()
  }

  // A stream is asked about again while it lasts; a poll comes again and again, and may be let in by the last answer.
  #permit (): Permit | Promise<Permit> {
    const { authorization, options } = this.#engine
    const { request, query } = this.#visit
    return this.#transport.policy.isReauthorized || options.authorizeInterval === 0
      ? authorization.ask(request, this.#question)
      : authorization.askCached(request, this.#question, { client: query.client, others: query.others, past: pastWanted(query) })
  }

  #permitted (permit: Permit, inquiry: Inquiry): void | Promise<void> {
    if (this.#isOver) return
    const { bus, options } = this.#engine
    const settled = this.#isSettled ? undefined : settle(bus, this.#visit.query.cursor, options.pollTimeout)
    if (settled === undefined) return this.#start(permit, inquiry)
    // Another node may have read further in the log, and handed out the cursor.
    return settled.then((isSettled) => {
      this.#isSettled = true
      return isSettled ? this.#start(permit, inquiry) : this.sendAway('busy')
    })
  }

  #start (permit: Permit, inquiry: Inquiry): void | Promise<void> {
    if (this.#isOver) return
    const { connections, presence } = this.#engine
    const { request, reply, query, origin } = this.#visit
    if (connections.leaving) return this.sendAway('shutdown')
    if (this.#questions < MAX_QUESTIONS && inquiry.isRevoked({ client: query.client ?? '', user: permit.user }, permit.channels)) return this.#ask()
    if (query.client !== undefined && presence.disconnected.take(query.client)) return this.#close()
    setHeaders(reply, this.#transport, origin)
    checkHeaders(reply)
    connect(this.#engine, this.#transport, { request, reply, query, question: this.#question, permit, origin })
  }

  #close (): void {
    const { reply, origin, place } = this.#visit
    place.release()
    sendClose(reply, this.#transport, origin, 'disconnected')
  }

  #refuse (error: unknown): void {
    const { reply, place } = this.#visit
    place.release()
    if (this.#isOver) return
    this.#engine.connections.rejected++
    // Once its head was to be written, there is no way back to an answer.
    if (reply.sent) writeLog(reply.log, 'error', { err: error }, 'comet: a response failed')
    if (reply.sent) reply.raw.destroy()
    else reply.send(asError(error))
  }

  /** Whether its client has left, or has its answer. */
  get #isOver (): boolean {
    return this.#isSentAway || isGone(this.#visit.reply.raw)
  }
}

function pastWanted ({ cursor, history }: SubscribeQuery): number {
  if (cursor === EARLIEST) return Infinity
  return cursor === undefined ? Math.max(0, ...history.values()) : 0
}

function historyWanted (query: SubscribeQuery): number {
  return query.cursor === undefined ? pastWanted(query) : Infinity
}
