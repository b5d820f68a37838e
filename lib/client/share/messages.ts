// What a tab and the worker that keeps the connection send to each other.

import type { MessageFrame } from '../../protocol/wire.ts'
import type { CometError } from '../errors.ts'
import type { CometEvents, Gap } from '../events.ts'
import type { CometOptions } from '../options.ts'

/** The worker's name: which server it connects to, and how. Tabs with the same name share the worker. */
export interface HubName {
  /** The version of these messages: tabs of another version have a worker of their own. */
  version: 3
  url: string
  /** Without the functions. */
  options: CometOptions
  /** Whether the tabs have a `params` function. */
  params: boolean
  /** Whether the tabs have a `headers` function. */
  headers: boolean
}

/** The options that only a tab can evaluate: functions cannot be sent to a worker. */
export type CredentialKind = 'params' | 'headers'

/** From a tab to the worker. `id` is the tab's number of a subscription. */
export type FromTab =
  | { do: 'subscribe', id: number, channel: string, history: number }
  | { do: 'unsubscribe', id: number }
  | { do: 'answer', question: number, value?: object, error?: string }
  /** The tab does not need the worker any more. */
  | { do: 'closed' }

/** What is left of an error when it is sent to another thread. */
export type PlainError = Pick<CometError, 'code' | 'message' | 'statusCode' | 'retrying' | 'retryIn'>

/** `error`: with a state, the reason for it. */
type PlainEvent<E extends keyof CometEvents> = {
  do: 'event'
  name: E
  value: E extends 'error' ? PlainError : CometEvents[E]
  error?: PlainError | null
}

/** From the worker to a tab, always with the worker's position. Any first message shows that the worker is alive. */
export type ToTab = { cursor: string | null } & (
  | { [E in keyof CometEvents]: PlainEvent<E> }[keyof CometEvents]
  | { do: 'frame', id: number, frame: MessageFrame | Gap }
  | { do: 'ask', question: number, kind: CredentialKind }
)
