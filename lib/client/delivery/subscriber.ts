import type { MessageFrame } from '../../protocol/wire.ts'
import type { Gap } from '../events.ts'

/** One call of `comet.subscribe`: what it asks for, and where its channel's messages and gaps go. */
export interface LocalSubscriber {
  readonly channel: string
  /** The number of the channel's latest messages that come first. */
  readonly history: number
  onFrame (frame: MessageFrame | Gap): void
}
