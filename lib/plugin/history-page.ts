import type { Bus } from '../bus/bus.ts'
import type { Message } from '../protocol/messages.ts'
import { COMET_ERR_ARGUMENT, COMET_ERR_CURSOR, show } from '../errors.ts'
import { toMessage } from '../bus/listener.ts'
import { checkChannel, isCursor } from './names.ts'
import { EARLIEST } from '../protocol/wire.ts'
import type { Channel, StoredMessage } from '../history/channel.ts'

export interface HistoryOptions {
  /** a cursor: only what came after it */
  readonly after?: string
  /** at most so many messages: the first ones after `after`, without it the latest */
  readonly limit?: number
}

export interface HistoryPage<C extends string = string> {
  /** oldest first */
  readonly messages: Message<C>[]
  /** whether messages after `after` are gone */
  readonly gap: boolean
  /** the position to go on from */
  readonly cursor: string
}

/** A page of what the history holds of a channel. */
export function readHistory<C extends string> (bus: Bus, name: C, { after, limit = Infinity }: HistoryOptions): HistoryPage<C> {
  checkChannel(name)
  if (after !== undefined && !(typeof after === 'string' && isCursor(after))) throw new COMET_ERR_CURSOR('after', show(after))
  if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit >= 0)) throw new COMET_ERR_ARGUMENT('limit', 'an integer from 0', show(limit))
  const channel = bus.history.peek(name)
  const offset = after === undefined || after === EARLIEST ? undefined : bus.toOffset(after)
  const known = after === undefined || after === EARLIEST || offset !== undefined
  const start = channel.indexAfter(offset ?? (known ? 0 : bus.logPosition.origin))
  const stored = after === undefined ? slice(channel, Math.max(0, channel.messages.length - limit), Infinity) : slice(channel, start, limit)
  const isWhole = after === undefined || start + stored.length === channel.messages.length
  return {
    messages: stored.map((message) => toMessage<C>(message)),
    gap: !known || (offset !== undefined && channel.evicted > offset),
    cursor: isWhole ? bus.cursor : stored.at(-1)?.id ?? after
  }
}

function slice ({ messages }: Channel, start: number, limit: number): StoredMessage[] {
  const end = Math.min(messages.length, start + limit)
  return Array.from({ length: end - start }, (_, index) => messages.at(start + index) as StoredMessage)
}
