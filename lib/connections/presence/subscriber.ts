import type { TransportName } from '../../protocol/wire.ts'

/** A client that is subscribed, such as a page, with all its connections. */
export interface Subscriber {
  /** a digest of the client's secret */
  readonly client: string
  /** the user that `authorize` named */
  readonly user?: string
  /** the transport of its newest connection */
  readonly transport: TransportName
  /** when it came, ms since 1970 */
  readonly since: number
}

/** A hook of the application: a subscriber has come to channels, or has left them. What it throws is logged. */
export type SubscriberHook = (subscriber: Subscriber, channels: string[]) => void
