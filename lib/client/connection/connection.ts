// One connection, from its request to its end, on any transport.

import type { Frame, TransportName } from '../../protocol/wire.ts'
import { closedByServer, httpFailure, type ConnectionFailure } from './failure.ts'
import { attempt } from '../browser/env.ts'
import type { Prepared } from './http.ts'
import type { Settings } from '../options.ts'
import { prepare, query, type SubscribeRequest } from './request.ts'
import type { ChannelSet } from '../delivery/channel-set.ts'
import { absolute, originOf } from './transports/iframe.ts'
import { TRANSPORTS } from './transports/index.ts'

/** One attempt to receive what a set of channels brings. */
export interface ClientConnection {
  readonly id: number
  readonly transport: TransportName
  readonly channelSet: ChannelSet
  /** When the first request was sent, in ms since the epoch. */
  openedAt?: number
  /** The frames that came before the connection was the carrier. */
  readonly held: Frame[]
  /** Ends the connection. After that no handler is called, but for `ended` if there is a reason. */
  close (end?: ConnectionFailure): void
}

/** What a connection notifies its owner of, also while `connect` runs. */
export interface ConnectionHandlers {
  /** The first request is sent. */
  opened (connection: ClientConnection): void
  frame (connection: ClientConnection, frame: Frame): void
  /** Called once at most, as the last handler. */
  ended (connection: ClientConnection, end: ConnectionFailure): void
}

type Planned = Pick<ClientConnection, 'id' | 'transport'>

/**
 * Opens a connection, unless it would have nothing to ask for. A request that the browser refuses ends the connection
 * instead of throwing.
 */
export function openConnection (
  settings: Settings, client: string, planned: Planned, channelSet: ChannelSet, handlers: ConnectionHandlers
): ClientConnection {
  const { id, transport } = planned
  let isOpen = true
  let dispose = () => {}
  const close = (end?: ConnectionFailure) => {
    if (!isOpen) return
    isOpen = false
    attempt(dispose)
    if (end) handlers.ended(connection, end)
  }
  const connection: ClientConnection = { id, transport, channelSet, held: [], close }
  const frame = (frame: Frame) => {
    if (!isOpen) return
    const failure = failureIn(frame)
    if (failure) close(failure)
    else handlers.frame(connection, frame)
  }
  const request = (ask: SubscribeRequest, send: (prepared: Prepared) => () => void) => {
    if (!isOpen) return
    const origin = transport === 'iframe' ? foreignOrigin(settings) : undefined
    prepare(settings, transport, query(ask, client, origin), (prepared) => {
      if (isOpen) markOpened(settings, connection, handlers)
      if (isOpen) dispose = send(prepared)
    }, close)
  }
  if (channelSet.carried.length) TRANSPORTS[transport]({ settings, channelSet, request, frame, end: close })
  return connection
}

/** What a frame ends the connection with, if it does. */
function failureIn (frame: Frame): ConnectionFailure | undefined {
  if (frame.type === 'error') return httpFailure(frame.statusCode, frame.code, frame.message)
  return frame.type === 'close' ? closedByServer(frame.reason, frame.retry) : undefined
}

function markOpened ({ env }: Settings, connection: ClientConnection, handlers: ConnectionHandlers): void {
  if (connection.openedAt !== undefined) return
  connection.openedAt = env.Date.now()
  handlers.opened(connection)
}

/** The page's own origin, if the server has another one. */
function foreignOrigin ({ env, url }: Settings): string | undefined {
  const origin = originOf(env.location as Location)
  return originOf(absolute(env.document as Document, url)) === origin ? undefined : origin
}
