/**
 * The channels of an application and what travels on them. Augment it, and `publish`, `subscribe` and the browser
 * client are typed by it; a channel that is not listed takes any JSON value.
 *
 * The import of the example makes its file a module: in one without any, the block would replace the package's types.
 * What is said to `fastify-comet/client` holds for the server too, and a browser can load it. A program augments one of
 * the two.
 *
 * @example
 * import type {} from 'fastify-comet/client'
 *
 * declare module 'fastify-comet/client' {
 *   interface CometChannels {
 *     chat: { from: string, text: string }
 *     [room: `room:${string}`]: { text: string }
 *   }
 * }
 */
// eslint-disable-next-line @typescript-eslint/no-empty-object-type -- it is there to be augmented
export interface CometChannels {}

/** A listed channel's name (offered by the editor), or any other string. */
export type ChannelName = (keyof CometChannels & string) | (string & {})

/** What a channel carries: the listed type, `unknown` for an unlisted channel. */
export type ChannelData<C extends string> = C extends keyof CometChannels ? CometChannels[C] : unknown

/** One published value. Immutable. */
export interface Message<C extends string = string> {
  /** Names the message; also a cursor: the position right after it. */
  readonly id: string
  readonly channel: C
  readonly data: ChannelData<C>
}
