import type { ChannelData, ChannelName, Message } from '../protocol/messages.ts'
import { disconnect, type DisconnectCriteria } from './disconnect.ts'
import type { Instance } from './instance.ts'
import { COMET_ERR_ARGUMENT, COMET_ERR_CLOSED, show } from '../errors.ts'
import { listen, type Listener, type ListenOptions } from '../bus/listener.ts'
import { checkOptions } from '../util/option-rules.ts'
import { checkChannel, checkKey, toJson } from './validate.ts'
import { observed, rejection } from '../util/promises.ts'
import type { Subscriber } from '../connections/presence/subscriber.ts'
import type { TransportName } from '../protocol/wire.ts'
import { type HistoryOptions, type HistoryPage, readHistory } from './history-page.ts'
import { logError, writeLog } from '../util/logger.ts'

/** What `stats()` returns. Counters count from the start of the process. */
export interface CometStats {
  /** names this process */
  readonly node: string
  /** open streams and held polls */
  readonly connections: Record<TransportName, number>
  /** channels that have a subscriber or hold messages */
  readonly channels: number
  /** channels of all connections, added up */
  readonly subscriptions: number
  readonly published: number
  /** messages sent, to each connection */
  readonly delivered: number
  readonly bytesSent: number
  /** gap frames sent */
  readonly gaps: number
  /** connections that wait for their socket now */
  readonly lagging: number
  /** messages that the history has evicted */
  readonly evicted: number
  /** requests for a connection that were sent away or refused */
  readonly rejected: number
  readonly history: { readonly messages: number, readonly bytes: number }
  /** whether the log can be reached, and how many publishes wait for it; a log in memory always can */
  readonly log: { readonly connected: boolean, readonly pending: number }
}

/**
 * The type of `app.comet`: the server's side. The browser's is the class of the same name in `fastify-comet/client`.
 */
export interface Comet {
  /**
   * Publishes a JSON value and resolves to its id. The same `key` on the channel within 5 minutes publishes nothing
   * again and resolves to the first id. Rejects with a `COMET_ERR_…`; if the returned promise has no handler, the error
   * is logged, or becomes a warning of the process where the application has no logger.
   */
  publish<C extends ChannelName> (channel: C, data: ChannelData<C>, options?: { key?: string }): Promise<string>
  /** Calls `listener` in this process with each message from now on. Returns a function that unsubscribes it. */
  subscribe<C extends ChannelName> (channel: C, listener: Listener<C>, options?: ListenOptions): () => void
  /**
   * Retained messages of a channel, oldest first: those after the cursor `after`, or the latest; at most `limit`
   * messages. `gap`: some after `after` are gone. `cursor`: the position to continue from.
   */
  history<C extends ChannelName> (channel: C, options?: HistoryOptions): Promise<HistoryPage<C>>
  /** The current position of the log. */
  cursor (): string
  /**
   * Ends the connections that match all criteria, at least one, on every node of the log; their clients do not
   * reconnect. Returns the number that it ended on this node.
   */
  disconnect (criteria: DisconnectCriteria): number
  /** The subscribers of a channel on this node, those between two polls included. */
  subscribers (channel: ChannelName): Subscriber[]
  /** Ends all connections, spread over `ms` milliseconds, and sends new ones away. */
  drain (ms: number): Promise<void>
  /** Figures about this instance. */
  stats (): CometStats
}

export type { Message }

/** The decorator `app.comet` of an instance. */
export function createComet (instance: Instance): Comet {
  const { bus, connections, presence } = instance
  return {
    publish: publisher(instance),
    subscribe: subscriber(instance),
    async history (channel, options = {}) {
      checkOptions('history', options, ['after', 'limit'])
      // Another node may have read further, and returned the cursor.
      if (typeof options.after === 'string') await bus.resolve(options.after, instance.options.pollTimeout)
      return readHistory(bus, channel, options)
    },
    cursor: () => bus.cursor,
    disconnect: (criteria) => disconnect(instance, criteria),
    subscribers (channel) {
      checkChannel(channel)
      return presence.subscribers(channel)
    },
    async drain (ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new COMET_ERR_ARGUMENT('ms', 'a number from 0', show(ms))
      await connections.drain(ms)
    },
    stats: () => snapshot(instance)
  }
}

function publisher (instance: Instance): Comet['publish'] {
  const { bus, options, logger } = instance
  const onPublishError = (error: unknown): void => {
    logError(logger, error, 'comet: an unawaited publish was rejected')
  }
  // Presence hooks publish for each subscriber that leaves, and when the application closes, all of them leave.
  const onLatePublish = (error: unknown): void => {
    writeLog(logger, 'debug', { err: error }, 'comet: publish was called while the application was closing')
  }
  return (channel, data, publishOptions) => {
    try {
      if (instance.closed) throw new COMET_ERR_CLOSED()
      if (publishOptions !== undefined) checkOptions('publish', publishOptions, ['key'])
      const key = publishOptions?.key
      checkChannel(channel)
      if (key !== undefined) checkKey(key)
      const published = bus.publish(channel, toJson(data, options.maxMessageBytes), key)
      // A memory log appends, or throws, within the call: only the promise of a shared log can reject.
      return bus.log.shared ? observed(published, onPublishError) : published
    } catch (error) {
      return rejection(error, instance.closing ? onLatePublish : onPublishError)
    }
  }
}

function subscriber ({ bus, logger }: Instance): Comet['subscribe'] {
  const onListenerError = (error: unknown): void => { logError(logger, error, 'comet: a listener threw') }
  return (channel, listener, options = {}) => {
    checkChannel(channel)
    if (typeof listener !== 'function') throw new COMET_ERR_ARGUMENT('listener', 'a function', show(listener))
    checkListenOptions(options)
    return listen(bus, channel, listener, options, onListenerError)
  }
}

function checkListenOptions (options: ListenOptions): void {
  checkOptions('subscribe', options, ['signal', 'onGap'])
  const { signal, onGap } = options
  const isSignal = signal === undefined || typeof signal?.addEventListener === 'function'
  if (!isSignal) throw new COMET_ERR_ARGUMENT('signal', 'an AbortSignal', show(signal))
  if (onGap === undefined || typeof onGap === 'function') return
  throw new COMET_ERR_ARGUMENT('onGap', 'a function', show(onGap))
}

function snapshot ({ node, bus: { history, published, log }, connections }: Instance): CometStats {
  return {
    node,
    connections: connections.count(),
    channels: history.channels,
    subscriptions: connections.subscriptions,
    published,
    ...connections.counters,
    lagging: connections.lagging,
    evicted: history.evicted,
    rejected: connections.rejected,
    history: { messages: history.messages, bytes: history.bytes },
    log: { connected: log.connected, pending: log.pending }
  }
}
