// One connection, from its request to its end, whatever its transport.

import type { Frame } from '../../protocol/wire.ts'
import { closedByServer, httpFailure, requestFailure, type ConnectionFailure } from './failure.ts'
import { attempt } from '../browser/env.ts'
import type { Prepared } from './http.ts'
import type { Line } from '../negotiation/state.ts'
import type { Settings } from '../options.ts'
import { prepare, query, type SubscribeRequest } from './request.ts'
import type { ChannelSet } from '../delivery/channel-set.ts'
import { absolute, originOf } from './transports/iframe.ts'
import { TRANSPORTS } from './transports/index.ts'

export interface Connection {
  readonly line: Line
  readonly channelSet: ChannelSet
  /** ms since the epoch: when the first request went out */
  openedAt?: number
  /** What came before it was the carrier. */
  readonly held: Frame[]
  /** Ends it. No handler is called after that, and `ended` itself only with a reason. */
  close (end?: ConnectionFailure): void
}

export interface ConnectionHandlers {
  /** The first request goes out. */
  opened (connection: Connection): void
  frame (connection: Connection, frame: Frame): void
  /** Called once at most; nothing is called after it. */
  ended (connection: Connection, end: ConnectionFailure): void
}

export function connect (settings: Settings, client: string, connection: Connection, handlers: ConnectionHandlers): void {
  const { channelSet, line: { transport } } = connection
  let isOpen = true
  let undo = () => {}
  const close = connection.close = (end?: ConnectionFailure) => {
    if (!isOpen) return
    isOpen = false
    attempt(undo)
    if (end) handlers.ended(connection, end)
  }
  const frame = (frame: Frame) => {
    if (!isOpen) return
    if (frame.type === 'error') close(httpFailure(frame.statusCode, frame.code, frame.message))
    else if (frame.type === 'close') close(closedByServer(frame.reason, frame.retry))
    else handlers.frame(connection, frame)
  }
  /** What the browser throws ends the connection. */
  const safely = (step: () => void) => {
    try {
      step()
    } catch (reason) {
      close(requestFailure(reason))
    }
  }
  const opened = () => {
    if (connection.openedAt) return
    connection.openedAt = settings.env.Date.now()
    handlers.opened(connection)
  }
  const request = (ask: SubscribeRequest, send: (prepared: Prepared) => () => void) => {
    safely(() => {
      if (!isOpen) return
      prepare(settings, transport, query(ask, client, transport === 'iframe' ? foreignOrigin(settings) : undefined), (prepared) => {
        if (isOpen) opened()
        if (isOpen) safely(() => { undo = send(prepared) })
      }, close)
    })
  }
  safely(() => { TRANSPORTS[transport]({ settings, channelSet, request, frame, end: close }) })
}

/** The page's own origin, where the server's is another. */
function foreignOrigin ({ env, url }: Settings): string | undefined {
  const origin = originOf(env.location as Location)
  return originOf(absolute(env.document as Document, url)) === origin ? undefined : origin
}
