import type { TransportName } from '../../protocol/wire.ts'

/** One who listens: a page, over all its connections. */
export interface Subscriber {
  /** a digest of the client's secret */
  readonly client: string
  /** whom `authorize` said it is */
  readonly user?: string
  readonly transport: TransportName
  /** ms since the epoch */
  readonly since: number
}

export type SubscriberHook = (subscriber: Subscriber, channels: string[]) => void
