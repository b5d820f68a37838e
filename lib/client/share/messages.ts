// What a tab and the worker that holds the connection say to each other.

import type { MessageFrame } from '../../protocol/wire.ts'
import type { CometError } from '../errors.ts'
import type { CometEvents, Gap } from '../events.ts'
import type { CometOptions } from '../options.ts'

/** The worker's name: what it connects to, and how. Tabs that agree in this share it. */
export interface HubName {
  /** Workers of another version speak otherwise. */
  version: 2
  url: string
  /** Without the functions: */
  options: CometOptions
  /** whether there is something to ask the tabs for. */
  params: boolean
  headers: boolean
}

export type Asked = 'params' | 'headers'

export type FromTab =
  | { do: 'want', seat: number, channel: string, history: number }
  | { do: 'unwant', seat: number }
  | { do: 'answer', question: number, value?: object, error?: string }
  /** The tab goes away. */
  | { do: 'bye' }

/** What is left of an error on its way to another thread. */
export type PlainError = Pick<CometError, 'code' | 'message' | 'statusCode' | 'retrying' | 'retryIn'>

/** `error`: with a state, what has led to it. */
type Event = { [E in keyof CometEvents]: { do: 'event', name: E, value: E extends 'error' ? PlainError : CometEvents[E], error?: PlainError | null } }[keyof CometEvents]

/** Whatever it says first, it is there. */
export type ToTab = { cursor: string | null } & (
  | Event
  | { do: 'frame', seat: number, frame: MessageFrame | Gap }
  | { do: 'ask', question: number, what: Asked }
)
