// What every transport is: a function that opens one connection.

import type { Frame } from '../../../protocol/wire.ts'
import type { ConnectionFailure } from '../failure.ts'
import type { Prepared } from '../http.ts'
import type { Settings } from '../../options.ts'
import type { RequestedChannels, SubscribeRequest } from '../request.ts'

/** What a transport is given. After the connection was closed, `frame` and `end` do nothing. */
export interface TransportContext {
  readonly settings: Settings
  readonly channelSet: RequestedChannels
  /**
   * Gets the application's parameters and headers, then calls `send`, which returns a function that aborts the
   * request. What `send` throws ends the connection.
   */
  request (request: SubscribeRequest, send: (prepared: Prepared) => () => void): void
  /** To be called with each frame of the server, in order. */
  frame (frame: Frame): void
  /** To be called when the connection has failed. The first call counts. */
  end (failure: ConnectionFailure): void
}

/** Opens a connection. Throws what the browser throws. */
export type ClientTransport = (context: TransportContext) => void
