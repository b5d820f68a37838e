import type { ChannelName, Message } from '../protocol/messages.ts'
import type { Comet, SubscribeOptions } from './comet.ts'

/**
 * The messages of a channel, for `for await`. It subscribes when the loop begins, and keeps what comes while the loop's
 * body is busy. It ends with the loop, with the signal and with `comet.close()`, and throws what ends the client.
 */
export async function * channelMessages<C extends ChannelName> (comet: Comet, channel: C, options: SubscribeOptions = {}): AsyncGenerator<Message<C>, undefined> {
  const { signal } = options
  const queue: Message<C>[] = []
  let wake = () => {}
  let failure: unknown
  const onChange = () => { wake() }
  const undos = [
    comet.subscribe(channel, (_data, message) => {
      queue.push(message)
      wake()
    }, options),
    // Told right after the state that it ends in.
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
    for (const undo of undos) undo()
  }
  if (failure) throw failure
}
