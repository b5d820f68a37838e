import type { FastifyRequest } from 'fastify'
import { AnswerCache } from './answer-cache.ts'
import { COMET_ERR_ANSWER, COMET_ERR_FORBIDDEN, show } from '../../errors.ts'
import type { Authorize, AuthorizeAnswer, AuthorizeQuestion } from './authorize.ts'
import type { Permit } from './permit.ts'
import { type Matches, Revocations } from './revocations.ts'
import { isThenable } from '../../util/callbacks.ts'
import { sha256 } from '../../util/digest.ts'

export type { Permit } from './permit.ts'

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
  #cache: AnswerCache

  constructor (authorize: Authorize, interval: number) {
    this.#authorize = authorize
    this.#interval = interval
    this.#cache = new AnswerCache(interval)
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
   * Those who match, by default anybody, may have been disconnected: forgets all answers, those to come to what was asked
   * before included.
   */
  forget (matches: Matches = () => true): void {
    this.#cache = new AnswerCache(this.#interval)
    this.revocations.add(matches)
  }

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

// Always the same text: a refusal tells nobody which channels there are.
function forbidden ({ action }: AuthorizeQuestion): Error {
  return new COMET_ERR_FORBIDDEN(action)
}

// What is no answer must not be taken for "all of them": an array of channels, a row of a database, a look-up that found nothing.
// Each part is read once, and what is checked is what is used: it may be a getter.
function read (answer: unknown): { channels: readonly string[] | undefined, user: string | undefined } {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) throw new COMET_ERR_ANSWER(show(answer))
  const unknown = Object.keys(answer).find((key) => key !== 'channels' && key !== 'user')
  if (unknown !== undefined) throw new COMET_ERR_ANSWER(`the unknown key ${show(unknown)}`)
  const { channels, user } = answer as Record<string, unknown>
  if (!isStrings(channels) && (channels !== undefined || 'channels' in answer)) throw new COMET_ERR_ANSWER(`channels: ${show(channels)}`)
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
