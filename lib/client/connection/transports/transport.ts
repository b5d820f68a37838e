// What every transport is: a function that opens one connection and returns its undo.

import type { Frame } from '../../../protocol/wire.ts'
import type { ConnectionFailure } from '../failure.ts'
import type { Prepared } from '../http.ts'
import type { Settings } from '../../options.ts'
import type { RequestedChannels, SubscribeRequest } from '../request.ts'

/** What a transport has to do with. After the connection was closed, nothing that it tells is heard. */
export interface TransportContext {
  readonly settings: Settings
  readonly channelSet: RequestedChannels
  /** Asks the application for its parameters and headers, then calls `send`, which returns its undo. What it throws ends the connection. */
  request (ask: SubscribeRequest, send: (prepared: Prepared) => () => void): void
  frame (frame: Frame): void
  /** Called once at most. */
  end (end: ConnectionFailure): void
}

export type Transport = (line: TransportContext) => void
