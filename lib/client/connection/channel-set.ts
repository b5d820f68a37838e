import type { MessageFrame } from '../../protocol/wire.ts'
import type { SubscribeRequest } from './request.ts'

/** One connection, as far as its content goes. */
export interface ChannelSet {
  readonly request: SubscribeRequest
  /** The channels that it carries or will carry. */
  carried: readonly string[]
  /** Those still to be let in, */
  joining: readonly string[]
  /** and what came of them: told only when they are in. */
  readonly replayed: MessageFrame[]
  /** The server has sent `joined`. */
  isJoined?: boolean
  /** The ids that were delivered by another connection since this one was asked for. They come again, in this order, before anything new. */
  readonly known: string[]
}
