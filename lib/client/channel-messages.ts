import type { ChannelName, Message } from '../channels.ts'
import type { Comet, SubscribeOptions } from './comet.ts'

/**
 * The messages of a channel, for `for await`. It subscribes when the loop begins, and keeps what comes while the loop's
 * body is busy. It ends with the loop, with the signal and with `comet.close()`, and throws what ends the client.
 */
export function channelMessages<C extends ChannelName> (comet: Comet, channel: C, options?: SubscribeOptions): AsyncIterable<Message<C>> {
  return { [Symbol.asyncIterator]: () => new Messages<C>(comet, channel, options || {}) }
}

type Result<C extends string> = IteratorResult<Message<C>, undefined>

class Messages<C extends ChannelName> implements AsyncIterator<Message<C>, undefined> {
  private readonly queue: Message<C>[] = []
  private readonly undos: (() => void)[] = []
  private isOver = false
  private failure: unknown
  /** Wake those `next` that wait. */
  private waiting: (() => void)[] = []

  constructor (comet: Comet, channel: C, options: SubscribeOptions) {
    const end = () => { this.end() }
    const { signal } = options
    signal?.addEventListener('abort', end)
    this.undos.push(
      () => { signal?.removeEventListener('abort', end) },
      comet.subscribe(channel, (_data, message) => { this.push(message) }, options),
      comet.on('error', (error) => { if (comet.state === 'closed') this.end(error) }),
      // The error that closes the client is told right after its state.
      comet.on('state', (state) => { if (state === 'closed') queueMicrotask(end) })
    )
    if (signal?.aborted) end()
  }

  async next (): Promise<Result<C>> {
    while (!this.queue.length && !this.isOver) await new Promise<void>((resolve) => { this.waiting.push(resolve) })
    const value = this.queue.shift()
    if (value) return { done: false, value }
    const { failure } = this
    this.failure = undefined
    if (failure) throw failure
    return { done: true, value: undefined }
  }

  async return (): Promise<Result<C>> {
    this.queue.length = 0
    this.end()
    return { done: true, value: undefined }
  }

  private push (message: Message<C>): void {
    this.queue.push(message)
    this.wake()
  }

  private wake (): void {
    this.waiting.splice(0).forEach((resolve) => { resolve() })
  }

  private end (error?: unknown): void {
    if (this.isOver) return
    this.isOver = true
    this.failure = error
    this.undos.forEach((undo) => { undo() })
    this.wake()
  }
}
