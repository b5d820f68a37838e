import { createHash } from 'node:crypto'
import type { FastifyRequest } from 'fastify'
import { COMET_ERR_ANSWER, COMET_ERR_FORBIDDEN, show } from './errors.ts'
import type { Authorize, AuthorizeAnswer, AuthorizeQuestion } from './options.ts'
import { type Matches, Revocations } from './revocations.ts'
import { isThenable } from './thenable.ts'

/** What is allowed: some of the channels asked for, at least one. */
export interface Permit {
  readonly channels: readonly string[]
  readonly user: string | undefined
}

type Cache = Map<string, { readonly permit: Permit, readonly past: number, readonly expires: number }>

/** Who asks, beside what the headers say. */
export interface Asker {
  readonly client: string | undefined
  /** the application's own query keys */
  readonly others: string
  /** messages of the past wanted: an answer about fewer is not good for more */
  readonly past: number
}

/** Asks the application who may do what, and remembers its answers to polls for `authorizeInterval`. */
export class Authorization {
  readonly #authorize: Authorize
  readonly #interval: number
  readonly revocations = new Revocations()
  #cache: Cache = new Map()

  constructor (authorize: Authorize, interval: number) {
    this.#authorize = authorize
    this.#interval = interval
  }

  /** Throws, or rejects with, `COMET_ERR_FORBIDDEN` or what `authorize` throws. */
  ask (request: FastifyRequest, question: AuthorizeQuestion): Permit | Promise<Permit> {
    const answer = this.#authorize(request, question)
    return isThenable(answer) ? Promise.resolve(answer).then((answer) => permit(answer, question)) : permit(answer, question)
  }

  /** The same, with the answer that the very same client, with the same credentials, got within the interval. */
  askCached (request: FastifyRequest, question: AuthorizeQuestion, { client, others, past }: Asker): Permit | Promise<Permit> {
    if (this.#interval === 0 || client === undefined) return this.ask(request, question)
    const { authorization, cookie } = request.headers
    const key = digestOf([client, question.channels, authorization, cookie, others])
    const cache = this.#cache
    const known = cache.get(key)
    if (known !== undefined && known.expires > performance.now() && past <= known.past) return known.permit
    const answer = this.ask(request, question)
    if (answer instanceof Promise) return answer.then((permit) => this.#remember(cache, key, permit, past))
    return this.#remember(cache, key, answer, past)
  }

  /**
   * Those who match, by default anybody, may have been disconnected: forgets all answers, those to come to what was asked
   * before included.
   */
  forget (matches: Matches = () => true): void {
    this.#cache = new Map()
    this.revocations.add(matches)
  }

  tick (now: number): void {
    for (const [key, { expires }] of this.#cache) {
      if (expires > now) return
      this.#cache.delete(key)
    }
  }

  #remember (cache: Cache, key: string, permit: Permit, past: number): Permit {
    cache.delete(key)
    cache.set(key, { permit, past, expires: performance.now() + this.#interval })
    return permit
  }
}

function permit (answer: AuthorizeAnswer, question: AuthorizeQuestion): Permit {
  const { channels } = question
  if (answer === true) return { channels, user: undefined }
  if (answer === false) throw forbidden(question)
  const fault = faultOf(answer)
  if (fault !== undefined) throw new COMET_ERR_ANSWER(fault)
  const allowed = answer.channels === undefined ? channels : channels.filter((channel) => answer.channels?.includes(channel))
  if (allowed.length === 0) throw forbidden(question)
  return { channels: allowed, user: answer.user }
}

// Always the same text: a refusal tells nobody which channels there are.
function forbidden ({ action }: AuthorizeQuestion): Error {
  return new COMET_ERR_FORBIDDEN(action)
}

// What is no answer must not be taken for "all of them": an array of channels, a row of a database, a look-up that found nothing.
function faultOf (answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) return show(answer)
  const unknown = Object.keys(answer).find((key) => key !== 'channels' && key !== 'user')
  if (unknown !== undefined) return `the unknown key ${show(unknown)}`
  const { channels, user } = answer as Record<string, unknown>
  if ('channels' in answer && !Array.isArray(channels)) return `channels: ${show(channels)}`
  if (user === undefined) return channels === undefined ? 'an object with neither' : undefined
  return typeof user === 'string' && user !== '' ? undefined : `user: ${show(user)}`
}

function digestOf (parts: unknown[]): string {
  return createHash('sha256').update(JSON.stringify(parts)).digest('base64')
}
