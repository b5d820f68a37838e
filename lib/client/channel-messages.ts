import type { ChannelName, Message } from '../channels.ts'
import type { Comet, SubscribeOptions } from './comet.ts'

/**
 * The messages of a channel, for `for await`. It subscribes when the loop begins, and keeps what comes while the loop's
 * body is busy. It ends with the loop, with the signal and with `comet.close()`, and throws what ends the client.
 */
export function channelMessages<C extends ChannelName> (comet: Comet, channel: C, options: SubscribeOptions = {}): AsyncIterable<Message<C>> {
  return {
    [Symbol.asyncIterator]: () => iterate(comet, channel, options)
  }
}

function iterate<C extends ChannelName> (comet: Comet, channel: C, options: SubscribeOptions): AsyncIterator<Message<C>> {
  const queue: Message<C>[] = []
  const waiting: { resolve: (result: IteratorResult<Message<C>>) => void, reject: (error: unknown) => void }[] = []
  const over = { done: true as const, value: undefined }
  let ended = false
  let failure: unknown
  const undos = [
    comet.subscribe(channel, (_data, message) => {
      const next = waiting.shift()
      if (next) next.resolve({ done: false, value: message })
      else queue.push(message)
    }, options),
    comet.on('error', (error) => { if (comet.state === 'closed') end(error) }),
    comet.on('state', (state) => { if (state === 'closed') queueMicrotask(() => { end() }) })
  ]
  const onAbort = () => { end() }
  if (options.signal?.aborted) end()
  else options.signal?.addEventListener('abort', onAbort)

  return { next, return: stop }

  function next (): Promise<IteratorResult<Message<C>>> {
    const message = queue.shift()
    if (message) return Promise.resolve({ done: false, value: message })
    if (failure) {
      const error = failure
      failure = undefined
      return Promise.reject(error)
    }
    if (ended) return Promise.resolve(over)
    return new Promise((resolve, reject) => { waiting.push({ resolve, reject }) })
  }

  function stop (): Promise<IteratorResult<Message<C>>> {
    queue.length = 0
    end()
    return Promise.resolve(over)
  }

  function end (error?: unknown) {
    if (ended) return
    ended = true
    undos.forEach((undo) => { undo() })
    options.signal?.removeEventListener('abort', onAbort)
    const first = error ? waiting.shift() : undefined
    if (first) first.reject(error)
    else failure = error
    waiting.splice(0).forEach((one) => { one.resolve(over) })
  }
}
