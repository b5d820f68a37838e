import type { FastifyRequest } from 'fastify'
import { AnswerCache } from './answer-cache.ts'
import { COMET_ERR_ANSWER, COMET_ERR_FORBIDDEN, show } from '../../errors.ts'
import type { Authorize, AuthorizeAnswer, AuthorizeQuestion } from './authorize.ts'
import type { Permit } from './permit.ts'
import { type Matches, Revocations } from './revocations.ts'
import { isThenable } from '../../util/callbacks.ts'
import { sha256 } from '../../util/digest.ts'

export type { Permit } from './permit.ts'

/** What a remembered answer is about, besides the credentials of the headers. */
export interface Requester {
  /** the client's secret */
  readonly client: string | undefined
  /** the application's own query keys */
  readonly others: string
  /** the number of past messages requested: an answer about fewer is not good for more */
  readonly past: number
}

/** Calls the application's `authorize`, and remembers its answers to polls for `authorizeInterval`. */
export class Authorization {
  readonly #authorize: Authorize
  readonly #interval: number
  /** the disconnects that an answer may not know of */
  readonly revocations = new Revocations()
  #cache: AnswerCache

  constructor (authorize: Authorize, interval: number) {
    this.#authorize = authorize
    this.#interval = interval
    this.#cache = new AnswerCache(interval)
  }

  /**
   * Calls `authorize`. Throws, or rejects with, `COMET_ERR_FORBIDDEN`, `COMET_ERR_ANSWER` or what `authorize` throws.
   */
  ask (request: FastifyRequest, question: AuthorizeQuestion): Permit | Promise<Permit> {
    const answer = this.#authorize(request, question)
    if (!isThenable(answer)) return permit(answer, question)
    return Promise.resolve(answer).then((answer) => permit(answer, question))
  }

  /**
   * The same, but returns the last answer to the same client with the same credentials, if it is within the interval.
   */
  askCached (request: FastifyRequest, question: AuthorizeQuestion, requester: Requester): Permit | Promise<Permit> {
    const { client, others, past } = requester
    if (this.#interval === 0 || client === undefined) return this.ask(request, question)
    const { authorization, cookie } = request.headers
    const { channels } = question
    const key = digestOf([client, channels, authorization, cookie, others])
    const cache = this.#cache
    const known = cache.find(key, channels, past)
    if (known !== undefined) return known
    const remember = (permit: Permit): Permit => {
      cache.remember(key, channels, past, permit)
      return permit
    }
    const answer = this.ask(request, question)
    return answer instanceof Promise ? answer.then(remember) : remember(answer)
  }

  /**
   * Clients that match, by default all, have been disconnected: drops all remembered answers, including those of calls
   * that are still pending.
   */
  forget (matches: Matches = () => true): void {
    this.#cache = new AnswerCache(this.#interval)
    this.revocations.add(matches)
  }

  /** Forgets the answers that are too old at `now`. */
  tick (now: number): void {
    this.#cache.tick(now)
  }
}

function permit (answer: AuthorizeAnswer, question: AuthorizeQuestion): Permit {
  const { channels } = question
  if (answer === true) return { channels, user: undefined }
  if (answer === false) throw forbidden(question)
  const { channels: named, user } = read(answer)
  if (named === undefined) return { channels, user }
  const allowed = new Set(named)
  const permitted = channels.filter((channel) => allowed.has(channel))
  if (permitted.length === 0) throw forbidden(question)
  return { channels: permitted, user }
}

// Always the same message, so that a refusal does not show which channels exist.
function forbidden ({ action }: AuthorizeQuestion): Error {
  return new COMET_ERR_FORBIDDEN(action)
}

// An invalid answer must not pass for "all channels": an array of channels, a row of a database, a look-up that found
// nothing. Each property is read once, so that a getter cannot return something else after the check.
function read (answer: unknown): { channels: readonly string[] | undefined, user: string | undefined } {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new COMET_ERR_ANSWER(show(answer))
  const unknown = Object.keys(answer).find((key) => key !== 'channels' && key !== 'user')
  if (unknown !== undefined) throw new COMET_ERR_ANSWER(`the unknown key ${show(unknown)}`)
  const { channels, user } = answer as Record<string, unknown>
  const hasChannels = channels !== undefined || 'channels' in answer
  if (hasChannels && !isStrings(channels)) throw new COMET_ERR_ANSWER(`channels: ${show(channels)}`)
  if (user === undefined && channels === undefined) throw new COMET_ERR_ANSWER('an object without channels and user')
  if (user !== undefined && (typeof user !== 'string' || user === '')) throw new COMET_ERR_ANSWER(`user: ${show(user)}`)
  return { channels, user }
}

function isStrings (value: unknown): value is readonly string[] {
  return Array.isArray(value)
}

function digestOf (parts: unknown[]): string {
  return sha256(JSON.stringify(parts))
}
