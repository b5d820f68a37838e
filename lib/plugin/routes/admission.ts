import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Permit } from '../../connections/authorization/authorization.ts'
import { connect } from '../../connections/connect.ts'
import type { Instance } from '../instance.ts'
import { asError } from '../../errors.ts'
import { isGone } from '../../connections/sockets/gone.ts'
import type { AuthorizeQuestion } from '../../connections/authorization/authorize.ts'
import type { Place } from '../../connections/places.ts'
import { EARLIEST } from '../../protocol/wire.ts'
import type { Inquiry } from '../../connections/authorization/revocations.ts'
import { writeLog } from '../../util/logger.ts'
import type { Transport } from '../../transports/transport.ts'
import type { SubscribeQuery } from './query.ts'
import { checkHeaders, reject, sendClose, setHeaders } from './responses.ts'

// How often `authorize` is called for one request whose client is disconnected each time before the answer can be used.
// The last answer stands: only the last disconnect is younger, and an asynchronous `authorize` that itself disconnects
// the older connections of the user that it admits would otherwise never admit anybody.
const MAX_QUESTIONS = 3

/** A request for a connection that has a place, and its query. */
export interface ArrivedRequest {
  readonly request: FastifyRequest
  readonly reply: FastifyReply
  readonly query: SubscribeQuery
  /** the origin to post frames to; empty for the server's own */
  readonly origin: string
  readonly place: Place
}

/**
 * A request between its arrival and its start as a connection. `authorize` has to answer, and the log has to be read up
 * to the cursor; during each wait the client may leave or be disconnected, and the server may close.
 */
export class Admission {
  readonly #instance: Instance
  readonly #transport: Transport
  readonly #request: ArrivedRequest
  readonly #question: AuthorizeQuestion
  #isRejected = false

  constructor (instance: Instance, transport: Transport, arrived: ArrivedRequest) {
    const { query } = arrived
    this.#instance = instance
    this.#transport = transport
    this.#request = arrived
    this.#question = { action: 'subscribe', channels: query.channels, history: historyWanted(query) }
  }

  /** Ends with a connection, with a refusal, or with nothing where the client has left. */
  begin (): void {
    this.#instance.connections.waiting.add(this)
    this.#admit().catch((error: unknown) => { this.#refuse(error) })
  }

  /** Ends it with a refusal, whatever it waits for. */
  reject (reason: 'busy' | 'shutdown'): void {
    if (this.#isOver) return
    this.#isRejected = true
    this.#request.place.release()
    reject(this.#instance, this.#transport, this.#request.reply, reason)
  }

  // Only what is pending is awaited. With an `await` for every step, and a promise more for what follows, a poll that
  // is answered immediately took 2 to 4 % more CPU (alternating runs, over `inject`).
  async #admit (): Promise<void> {
    const { authorization, connections } = this.#instance
    try {
      for (let questions = 1, isLogRead = false; ; questions++) {
        const inquiry = authorization.revocations.inquire()
        try {
          const answer = inquiry.ask(() => this.#permit())
          const permit = answer instanceof Promise ? await answer : answer
          if (this.#isOver) return
          const read = this.#reading(isLogRead)
          if (read !== undefined && !await read) return this.reject('busy')
          isLogRead = true
          if (this.#isOver) return
          if (connections.leaving) return this.reject('shutdown')
          if (questions === MAX_QUESTIONS || !this.#isRevoked(permit, inquiry)) return this.#start(permit)
        } finally {
          inquiry.close()
        }
      }
    } finally {
      connections.waiting.delete(this)
    }
  }

  // Another node may have read further in the log, and returned the cursor.
  #reading (isLogRead: boolean): Promise<boolean> | undefined {
    const { bus, options } = this.#instance
    return isLogRead ? undefined : bus.resolve(this.#request.query.cursor, options.pollTimeout)
  }

  // A stream is authorized again while it lasts; a poll comes again and again, and the last answer may admit it.
  #permit (): Permit | Promise<Permit> {
    const { authorization, options } = this.#instance
    const { request, query } = this.#request
    if (this.#transport.policy.isReauthorized || options.authorizeInterval === 0) {
      return authorization.ask(request, this.#question)
    }
    const { client, others } = query
    return authorization.askCached(request, this.#question, { client, others, past: pastWanted(query) })
  }

  #isRevoked ({ user, channels }: Permit, inquiry: Inquiry): boolean {
    return inquiry.isRevoked({ client: this.#request.query.client ?? '', user }, channels)
  }

  #start (permit: Permit): void {
    const { presence } = this.#instance
    const { request, reply, query, origin } = this.#request
    if (query.client !== undefined && presence.disconnected.take(query.client)) return this.#close()
    setHeaders(reply, this.#transport, origin)
    checkHeaders(reply)
    connect(this.#instance, this.#transport, { request, reply, query, question: this.#question, permit, origin })
  }

  #close (): void {
    const { reply, origin, place } = this.#request
    place.release()
    sendClose(reply, this.#transport, origin, 'disconnected')
  }

  #refuse (error: unknown): void {
    const { reply, place } = this.#request
    place.release()
    if (this.#isOver) return
    this.#instance.connections.rejected++
    if (reply.sent) destroyResponse(reply, error)
    else reply.send(asError(error))
  }

  /** Whether its client has left, or has its response. */
  get #isOver (): boolean {
    return this.#isRejected || isGone(this.#request.reply.raw)
  }
}

// Its head was to be written: there is no way back to an error response.
function destroyResponse (reply: FastifyReply, error: unknown): void {
  writeLog(reply.log, 'error', { err: error }, 'comet: a response failed')
  reply.raw.destroy()
}

// The number of messages of the past that the answer of `authorize` to a poll is good for.
function pastWanted ({ cursor, history }: SubscribeQuery): number {
  if (cursor === EARLIEST) return Infinity
  return cursor === undefined ? Math.max(0, ...history.values()) : 0
}

function historyWanted (query: SubscribeQuery): number {
  return query.cursor === undefined ? pastWanted(query) : Infinity
}
