import type { FastifyRequest } from 'fastify'

/** What a client wants to do. */
export interface AuthorizeQuestion {
  readonly action: 'subscribe' | 'publish'
  /** the channels that it names; one, if it wants to publish */
  readonly channels: readonly string[]
  /** the number of past messages that it requests, of the channel with the most; `Infinity` with a cursor */
  readonly history: number
}

/**
 * Yes, no, or the channels that are allowed and the user. Without `channels`, all channels of the question are allowed,
 * so leave it out only if you mean that: `channels: undefined`, an empty `user`, an object with neither or with other
 * keys is `COMET_ERR_ANSWER`.
 */
export type AuthorizeAnswer = boolean | { readonly channels?: readonly string[], readonly user?: string }

/** The body of a publish request, checked: the type of `request.body` if `action` is `publish`. */
export interface PublishBody {
  readonly channel: string
  readonly data: unknown
  readonly key?: string | undefined
}

/**
 * Decides whether a request may subscribe or publish. An error that it throws is sent to the client.
 *
 * @example
 * const authorize: Authorize = (request, { action, channels }) => {
 *   const user = userOf(request)
 *   if (user === undefined) return false
 *   if (action === 'publish') return isAllowed(user, request.body as PublishBody)
 *   return { user, channels: channels.filter((channel) => channel === `user:${user}`) }
 * }
 */
export type Authorize =
  (request: FastifyRequest, question: AuthorizeQuestion) => AuthorizeAnswer | Promise<AuthorizeAnswer>
