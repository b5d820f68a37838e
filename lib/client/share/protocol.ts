// What a tab and the worker that holds the connection say to each other.

import type { GapFrame, MessageFrame, TransportName } from '../../protocol.ts'
import type { Phase } from '../negotiation.ts'
import type { CometOptions } from '../options.ts'

/** The worker's name: what it connects to, and how. Tabs that agree in this share it. */
export interface HubName {
  /** Workers of another version speak otherwise. */
  version: 1
  url: string
  share: string | boolean
  options: CometOptions
  /** Whether there is something to ask the tabs for. */
  asks: { params: boolean, headers: boolean }
}

export type Asked = 'params' | 'headers'

export type FromTab =
  | { do: 'want', seat: number, channel: string, history: number }
  | { do: 'unwant', seat: number }
  | { do: 'answer', question: number, value?: object, error?: string }
  /** The tab goes away. */
  | { do: 'bye' }

export interface Status {
  state: Phase
  transport: TransportName | null
  cursor: string | null
}

export type ToTab = Status & (
  | { do: 'hello' }
  | { do: 'frame', seat: number, frame: MessageFrame | GapFrame }
  | { do: 'ask', question: number, what: Asked }
  | { do: 'event', name: string, value: unknown }
)
