import { randomBytes } from 'node:crypto'
import type { ChannelData, ChannelName, Message } from './channels.ts'
import { createMessage } from './create-message.ts'
import type { Engine } from './engine.ts'
import { COMET_ERR_ARGUMENT, COMET_ERR_CLOSED, show } from './errors.ts'
import { listen, type Listener, type ListenOptions } from './listener.ts'
import { checkChannel } from './names.ts'
import { rejection } from './observed-promise.ts'
import type { Subscriber } from './options.ts'
import { digest, type Identity } from './presence.ts'
import type { TransportName } from './protocol.ts'
import { type HistoryOptions, type HistoryPage, readHistory } from './read-history.ts'

/** Whose connections to end: those that match all that is given. */
export interface DisconnectCriteria {
  /** the digest that hooks and `subscribers` show, or the secret itself */
  readonly client?: string
  readonly user?: string
  readonly channel?: string
}

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
}

/** What `app.comet` is. */
export interface Comet {
  /**
   * Publishes a JSON value and resolves to its id. The same `key` on the channel within 5 minutes publishes nothing
   * again and resolves to the first id. Rejects with a `COMET_ERR_…`; if nobody waits for it, that is logged.
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
  /** Ends the connections that match all criteria, at least one, for good. Returns how many. */
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
  const node = randomBytes(6).toString('hex')
  const report = (error: unknown): void => { engine.log.error({ err: error }, 'comet: a publish was rejected, and nobody waited for it') }
  const onListenerError = (error: unknown): void => { engine.log.error({ err: error }, 'comet: a listener threw') }
  return {
    publish (channel, data, publishOptions) {
      try {
        if (engine.closed) throw new COMET_ERR_CLOSED()
        const key = publishOptions?.key
        return bus.publish(channel, createMessage(channel, data, key, options.maxMessageBytes), key)
      } catch (error) {
        return rejection(error, report)
      }
    },
    subscribe (channel, listener, listenOptions = {}) {
      checkChannel(channel)
      if (typeof listener !== 'function') throw new COMET_ERR_ARGUMENT('listener', 'a function', show(listener))
      return listen(bus, channel, listener, listenOptions, onListenerError)
    },
    history: async (channel, historyOptions = {}) => readHistory(bus, channel, historyOptions),
    cursor: () => bus.cursor,
    disconnect (criteria) {
      const matches = matcher(criteria)
      engine.authorization.forget()
      // What was published before is sent before they are told to go.
      bus.flush()
      return connections.disconnect(matches) + presence.disconnect(matches)
    },
    subscribers (channel) {
      checkChannel(channel)
      return presence.subscribers(channel)
    },
    async drain (ms) {
      if (!Number.isFinite(ms) || ms < 0) throw new COMET_ERR_ARGUMENT('ms', 'a number from 0', show(ms))
      await connections.drain(ms)
    },
    stats: () => snapshot(engine, node)
  }
}

function snapshot ({ bus: { history, published }, connections }: Engine, node: string): CometStats {
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
    history: { messages: history.messages, bytes: history.bytes }
  }
}

function matcher (criteria: DisconnectCriteria): (identity: Identity, channels: readonly string[]) => boolean {
  const given = Object.entries(criteria ?? {}).filter(([, value]) => value !== undefined)
  const wrong = given.find(([name, value]) => !['client', 'user', 'channel'].includes(name) || typeof value !== 'string')
  if (wrong !== undefined) throw new COMET_ERR_ARGUMENT(`disconnect's ${wrong[0]}`, 'one of client, user, channel, and a string', show(wrong[1]))
  if (given.length === 0) throw new COMET_ERR_ARGUMENT('disconnect', 'given a client, user or channel', show(criteria))
  const { client, user, channel } = criteria
  return (identity, channels) => (client === undefined || identity.client === client || digest(identity.client) === client) &&
    (user === undefined || identity.user === user) &&
    (channel === undefined || channels.includes(channel))
}
