import type { Bus } from './bus.ts'
import type { ChannelUser, StoredMessage } from '../history/channel.ts'
import { readSlice } from '../history/read.ts'
import { isGap } from '../history/slice.ts'
import type { ChannelData, Message } from '../protocol/messages.ts'
import { callGuarded } from '../util/callbacks.ts'

/** A function of the application that is called with each message of a channel. */
export type Listener<C extends string = string> = (message: Message<C>) => void

/** Messages of a channel that a listener does not get, because the log no longer had them. */
export interface MissedMessages {
  readonly channel: string
  /** the position after them */
  readonly cursor: string
}

/** Options of `app.comet.subscribe`. */
export interface ListenOptions {
  /** Ends the subscription when it aborts. */
  readonly signal?: AbortSignal
  /** Called where messages are missing. A listener on the memory log misses none. */
  readonly onGap?: (gap: MissedMessages) => void
}

/**
 * Calls `listener` in this process with each message of the channel from now on, once a tick. What it throws, or its
 * promise rejects with, is passed to `onError`. Returns an unsubscribe function.
 */
export function listen<C extends string> (
  bus: Bus, name: C, listener: Listener<C>, { signal, onGap }: ListenOptions, onError: (error: unknown) => void
): () => void {
  if (signal?.aborted === true) return () => {}
  // Called by another listener, it begins while messages that were published earlier are still being delivered.
  let start = bus.logPosition.end
  const user: ChannelUser = {
    serve (from, to) {
      const { toCursor } = bus
      for (const item of readSlice([seat.channel], Math.max(from, start), to, { budget: Infinity, toCursor }).items) {
        if (seat.isLeft) return
        if (isGap(item)) miss(item.cursor)
        else callGuarded(onError, () => listener(toMessage<C>(item)))
      }
    },
    restart () {
      start = 0
      if (!seat.isLeft) miss(bus.toCursor(bus.logPosition.origin))
    }
  }
  const miss = (cursor: string): void => {
    callGuarded(onError, () => onGap?.({ channel: name, cursor }))
  }
  const seat = bus.attach(name, user)
  const unsubscribe = (): void => {
    signal?.removeEventListener('abort', unsubscribe)
    seat.leave()
  }
  signal?.addEventListener('abort', unsubscribe)
  return unsubscribe
}

/** The message as the application gets it, parsed for each listener: what one changes does not reach another. */
export function toMessage<C extends string> ({ id, channel, data }: StoredMessage): Message<C> {
  return { id, channel: channel.name as C, data: JSON.parse(data) as ChannelData<C> }
}
