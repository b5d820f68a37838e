import type { ChannelData, ChannelName, Message } from '../protocol/messages.ts'
import { createMessage } from './create-message.ts'
import { disconnect, type DisconnectCriteria } from './disconnect.ts'
import type { Engine } from './instance.ts'
import { COMET_ERR_ARGUMENT, COMET_ERR_CLOSED, show } from '../errors.ts'
import { listen, type Listener, type ListenOptions } from '../bus/listener.ts'
import { checkOptions } from '../util/option-rules.ts'
import { checkChannel } from './names.ts'
import { observed, rejection } from '../util/promises.ts'
import type { Subscriber } from '../connections/presence/subscriber.ts'
import type { TransportName } from '../protocol/wire.ts'
import { type HistoryOptions, type HistoryPage, readHistory } from './history-page.ts'
import { report, writeLog } from '../util/logger.ts'
import { settle } from '../bus/settle.ts'

export interface CometStats {
  /** names this process */
  readonly node: string
  /** open streams and held polls */
  readonly connections: Record<TransportName, number>
  /** channels that are used or hold messages */
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
  /** messages that the history let go */
  readonly evicted: number
  /** requests for a connection that were sent away or refused */
  readonly rejected: number
  readonly history: { readonly messages: number, readonly bytes: number }
  /** whether the log can be reached, and how many publishes wait for it; a log in memory always can */
  readonly log: { readonly connected: boolean, readonly pending: number }
}

/** What `app.comet` is: the server's side. The browser's is the class of the same name in `fastify-comet/client`. */
export interface Comet {
  /**
   * Publishes a JSON value and resolves to its id. The same `key` on the channel within 5 minutes publishes nothing
   * again and resolves to the first id. Rejects with a `COMET_ERR_…`; if nobody waits for it, that is logged, or a
   * warning of the process where the application has no logger.
   */
  publish<C extends ChannelName> (channel: C, data: ChannelData<C>, options?: { key?: string }): Promise<string>
  /** Calls `listener` in this process with each message from now on. Returns its undo. */
  subscribe<C extends ChannelName> (channel: C, listener: Listener<C>, options?: ListenOptions): () => void
  /**
   * What the history holds of a channel, oldest first: after the cursor `after`, or the latest; at most `limit`
   * messages. `gap`: some after `after` are gone. `cursor`: the position to go on from.
   */
  history<C extends ChannelName> (channel: C, options?: HistoryOptions): Promise<HistoryPage<C>>
  /** The position now. */
  cursor (): string
  /** Ends the connections that match all criteria, at least one, for good, on every node of the log. Returns how many on this one. */
  disconnect (criteria: DisconnectCriteria): number
  /** Who listens to a channel on this node, also between two polls. */
  subscribers (channel: ChannelName): Subscriber[]
  /** Ends all connections, spread over `ms`, and sends new ones away. */
  drain (ms: number): Promise<void>
  stats (): CometStats
}

export type { Message }

export function createComet (engine: Engine): Comet {
  const { bus, connections, presence, options } = engine
  const onListenerError = (error: unknown): void => { report(engine.log, error, 'comet: a listener threw') }
  return {
    publish: publisher(engine),
    subscribe (channel, listener, listenOptions = {}) {
      checkChannel(channel)
      if (typeof listener !== 'function') throw new COMET_ERR_ARGUMENT('listener', 'a function', show(listener))
      checkListenOptions(listenOptions)
      return listen(bus, channel, listener, listenOptions, onListenerError)
    },
    async history (channel, historyOptions = {}) {
      checkOptions('history', historyOptions, ['after', 'limit'])
      // Another node may have read further, and handed out the cursor.
      if (typeof historyOptions.after === 'string') await settle(bus, historyOptions.after, options.pollTimeout)
      return readHistory(bus, channel, historyOptions)
    },
    cursor: () => bus.cursor,
    disconnect: (criteria) => disconnect(engine, criteria),
    subscribers (channel) {
      checkChannel(channel)
      return presence.subscribers(channel)
    },
    async drain (ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new COMET_ERR_ARGUMENT('ms', 'a number from 0', show(ms))
      await connections.drain(ms)
    },
    stats: () => snapshot(engine)
  }
}

function publisher (engine: Engine): Comet['publish'] {
  const { bus, options } = engine
  const onPublishError = (error: unknown): void => {
    report(engine.log, error, 'comet: an unawaited publish was rejected')
  }
  // Presence hooks publish for each subscriber that leaves, and at the end all do.
  const onLatePublish = (error: unknown): void => {
    writeLog(engine.log, 'debug', { err: error }, 'comet: publish was called while the application was closing')
  }
  return (channel, data, publishOptions) => {
    try {
      if (engine.closed) throw new COMET_ERR_CLOSED()
      if (publishOptions !== undefined) checkOptions('publish', publishOptions, ['key'])
      const key = publishOptions?.key
      const published = bus.publish(channel, createMessage(channel, data, key, options.maxMessageBytes), key)
      return bus.log.shared ? observed(published, onPublishError) : published
    } catch (error) {
      return rejection(error, engine.closing ? onLatePublish : onPublishError)
    }
  }
}

function checkListenOptions (options: ListenOptions): void {
  checkOptions('subscribe', options, ['signal', 'onGap'])
  const { signal, onGap } = options
  if (signal !== undefined && typeof signal?.addEventListener !== 'function') throw new COMET_ERR_ARGUMENT('signal', 'an AbortSignal', show(signal))
  if (onGap !== undefined && typeof onGap !== 'function') throw new COMET_ERR_ARGUMENT('onGap', 'a function', show(onGap))
}

function snapshot ({ node, bus: { history, published, log }, connections }: Engine): CometStats {
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
