import type { FastifyRequest } from 'fastify'

/** What a client asks `authorize` for. */
export interface AuthorizeQuestion {
  readonly action: 'subscribe' | 'publish'
  readonly channels: readonly string[]
  /** How many messages of the past are asked for, of the channel with the most; `Infinity` with a cursor. */
  readonly history: number
}

/**
 * Yes, no, or which of the channels and who it is. Without `channels` it is yes to all that were asked for, so leave it out only
 * where you mean that: `channels: undefined`, an empty `user`, an object with neither or with other keys is `COMET_ERR_ANSWER`.
 */
export type AuthorizeAnswer = boolean | { readonly channels?: readonly string[], readonly user?: string }

/** The body of a publish request, checked: what `request.body` is for an `authorize` that is asked about `publish`. */
export interface PublishBody {
  readonly channel: string
  readonly data: unknown
  readonly key?: string | undefined
}

/**
 * @example
 * const authorize: Authorize = (request, { action, channels }) => {
 *   const user = userOf(request)
 *   if (user === undefined) return false
 *   if (action === 'publish') return isAllowed(user, request.body as PublishBody)
 *   return { user, channels: channels.filter((channel) => channel === `user:${user}`) }
 * }
 */
export type Authorize = (request: FastifyRequest, question: AuthorizeQuestion) => AuthorizeAnswer | Promise<AuthorizeAnswer>
