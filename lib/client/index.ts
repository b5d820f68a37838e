// The module build: everything of the classic one, and async iteration.

import type { ChannelName, Message } from '../protocol/messages.ts'
import { channelMessages } from './channel-messages.ts'
import { Comet as ClassicComet, type SubscribeOptions } from './comet.ts'

/** One connection to the server, for any number of channels. Nothing is opened before the first `subscribe`. */
export class Comet extends ClassicComet {
  /** The messages of a channel from now on: `for await (const message of comet.channel('chat'))`. */
  channel<C extends ChannelName> (channel: C, options?: SubscribeOptions): AsyncIterable<Message<C>> {
    return { [Symbol.asyncIterator]: () => channelMessages(this, channel, options) }
  }
}

export * from '../protocol/messages.ts'
export type { SubscribeOptions } from './comet.ts'
export type { CometEvents, Gap, TransportChange } from './events.ts'
export type { CometError } from './errors.ts'
export type { Phase as CometState } from './negotiation/state.ts'
export type { CometOptions } from './options.ts'
export type { GapReason, TransportName } from '../protocol/wire.ts'
