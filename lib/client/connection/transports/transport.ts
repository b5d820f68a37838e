// What every transport is: a function that opens one connection and returns its undo.

import type { Frame } from '../../../protocol/wire.ts'
import type { End } from '../failure.ts'
import type { Prepared } from '../http.ts'
import type { Settings } from '../../options.ts'
import type { Ask } from '../request.ts'
import type { Stream } from '../channel-set.ts'

/** What a transport has to do with. After the connection was closed, nothing that it tells is heard. */
export interface Channel {
  readonly settings: Settings
  readonly stream: Stream
  /** Asks the application for its parameters and headers, then calls `send`, which returns its undo. What it throws ends the connection. */
  request (ask: Ask, send: (prepared: Prepared) => () => void): void
  frame (frame: Frame): void
  /** Called once at most. */
  end (end: End): void
}

export type Transport = (line: Channel) => void
