import type { Bus } from '../bus/bus.ts'
import type { Message } from '../protocol/messages.ts'
import { COMET_ERR_ARGUMENT, COMET_ERR_CURSOR, show } from '../errors.ts'
import { toMessage } from '../bus/listener.ts'
import { checkChannel, isCursor } from './validate.ts'
import { EARLIEST } from '../protocol/wire.ts'
import type { Channel, StoredMessage } from '../history/channel.ts'

/** Which messages of a channel `history` returns. */
export interface HistoryOptions {
  /** a cursor: only messages after it */
  readonly after?: string
  /** the most messages: the first ones after `after`, without it the latest */
  readonly limit?: number
}

/** A page of the retained messages of a channel. */
export interface HistoryPage<C extends string = string> {
  /** oldest first */
  readonly messages: Message<C>[]
  /** whether messages after `after` are gone */
  readonly gap: boolean
  /** the position to continue from */
  readonly cursor: string
}

/** Reads a page of a channel's history. Throws `COMET_ERR_CHANNEL`, `COMET_ERR_CURSOR` or `COMET_ERR_ARGUMENT`. */
export function readHistory<C extends string> (bus: Bus, name: C, options: HistoryOptions): HistoryPage<C> {
  const { after, limit = Infinity } = options
  check(name, after, limit)
  const channel = bus.history.peek(name)
  const { messages } = channel
  const offset = after === undefined || after === EARLIEST ? undefined : bus.toOffset(after)
  const isKnown = after === undefined || after === EARLIEST || offset !== undefined
  const latest = Math.max(0, messages.length - limit)
  const start = after === undefined ? latest : channel.indexAfter(offset ?? (isKnown ? 0 : bus.logPosition.origin))
  const stored = slice(channel, start, limit)
  const isWhole = after === undefined || start + stored.length === messages.length
  return {
    messages: stored.map((message) => toMessage<C>(message)),
    gap: !isKnown || (offset !== undefined && channel.evicted > offset),
    cursor: isWhole ? bus.cursor : stored.at(-1)?.id ?? after
  }
}

function check (name: string, after: string | undefined, limit: number): void {
  checkChannel(name)
  const isValid = after === undefined || (typeof after === 'string' && isCursor(after))
  if (!isValid) throw new COMET_ERR_CURSOR('after', show(after))
  if (limit !== Infinity && !(Number.isSafeInteger(limit) && limit >= 0)) {
    throw new COMET_ERR_ARGUMENT('limit', 'an integer from 0', show(limit))
  }
}

function slice ({ messages }: Channel, start: number, limit: number): StoredMessage[] {
  const end = Math.min(messages.length, start + limit)
  return Array.from({ length: end - start }, (_, index) => messages.at(start + index) as StoredMessage)
}
