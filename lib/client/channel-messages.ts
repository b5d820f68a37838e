import type { ChannelName, Message } from '../channels.ts'
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
  const undos = [
    comet.subscribe(channel, (_data, message) => {
      queue.push(message)
      wake()
    }, options),
    comet.on('error', (error) => { if (comet.state === 'closed') failure = error }),
    // The error that closes the client is told right after its state.
    comet.on('state', () => { queueMicrotask(wake) })
  ]
  const onAbort = () => { wake() }
  signal?.addEventListener('abort', onAbort)
  try {
    while (true) {
      const message = queue.shift()
      if (message) yield message
      else if (signal?.aborted || comet.state === 'closed') break
      else await new Promise<void>((resolve) => { wake = resolve })
    }
  } finally {
    signal?.removeEventListener('abort', onAbort)
    for (const undo of undos) undo()
  }
  if (failure) throw failure
}
