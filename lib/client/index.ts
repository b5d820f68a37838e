// The module build: everything of the classic one, and async iteration.

import type { ChannelName, Message } from '../protocol/messages.ts'
import { Comet as ClassicComet, type SubscribeOptions } from './comet.ts'

/** One connection to the server, for any number of channels. Nothing is opened before the first `subscribe`. */
export class Comet extends ClassicComet {
  /** The messages of a channel from now on: `for await (const message of comet.channel('chat'))`. */
  channel<C extends ChannelName> (channel: C, options?: SubscribeOptions): AsyncIterable<Message<C>> {
    return { [Symbol.asyncIterator]: () => channelMessages(this, channel, options) }
  }
}

/**
 * Subscribes when a `for await` loop begins, and queues what comes while the loop's body is busy. Ends with the loop,
 * with the signal and with `comet.close()`, and throws the error that ends the client.
 */
async function * channelMessages<C extends ChannelName> (
  comet: ClassicComet,
  channel: C,
  options: SubscribeOptions = {}
): AsyncGenerator<Message<C>, undefined> {
  const { signal } = options
  const queue: Message<C>[] = []
  let wake = () => {}
  let failure: unknown
  const onChange = () => { wake() }
  const cleanups = [
    comet.subscribe(channel, (_data, message) => {
      queue.push(message)
      wake()
    }, options),
    // It follows the state to which it has led.
    comet.on('error', (error) => { failure = comet.state === 'closed' && error }),
    comet.on('state', onChange),
    () => { signal?.removeEventListener('abort', onChange) }
  ]
  signal?.addEventListener('abort', onChange)
  try {
    while (true) {
      const message = queue.shift()
      if (message) yield message
      else if (signal?.aborted || comet.state === 'closed') break
      else await new Promise<void>((resolve) => { wake = resolve })
    }
  } finally {
    for (const cleanup of cleanups) cleanup()
  }
  if (failure) throw failure
}

export * from '../protocol/messages.ts'
export type { SubscribeOptions } from './comet.ts'
export type { CometEvents, Gap, TransportChange } from './events.ts'
export type { CometError } from './errors.ts'
export type { Phase as CometState } from './negotiation/state.ts'
export type { CometOptions } from './options.ts'
export type { GapReason, TransportName } from '../protocol/wire.ts'
