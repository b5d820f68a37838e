// What stands between the application's subscribers and the server: a session of one's own, or one shared between tabs.

import type { MessageFrame, TransportName } from '../protocol.ts'
import type { Phase } from './negotiation.ts'
import { Replay } from './replay.ts'
import { Session } from './session.ts'
import type { Gap } from './gap.ts'

export interface Link {
  readonly state: Phase
  readonly transport: TransportName | null
  readonly cursor: string | null
  want (channel: string, history: number): void
  unwant (channel: string): void
  /** Fetches the history for one who comes to a channel that is already wanted, and joins it to what is carried. */
  replay (channel: string, history: number, deliver: (frame: MessageFrame | Gap) => void): Catching
  close (): void
}

/** A subscriber on its way to what the others receive. */
export interface Catching {
  /** Takes what the others receive. */
  take (frame: MessageFrame | Gap): void
  close (): void
}

/** A connection of this page alone. */
export class OwnLink extends Session implements Link {
  replay (channel: string, history: number, deliver: (frame: MessageFrame | Gap) => void): Catching {
    return new Replay(this.settings, channel, history, deliver)
  }
}
