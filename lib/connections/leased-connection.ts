import type { ConnectionParts } from './connection.ts'
import type { EndReason, Lease } from './lease.ts'
import type { Transport } from '../transports/transport.ts'

/** What streams and polls have in common: they end with their lease. */
export abstract class LeasedConnection {
  readonly transport: Transport
  protected readonly lease: Lease

  constructor ({ transport, lease }: Pick<ConnectionParts, 'transport' | 'lease'>) {
    this.transport = transport
    this.lease = lease
  }

  get channels (): string[] {
    return this.lease.channels
  }

  get ended (): EndReason | undefined {
    return this.lease.ended
  }

  abstract closed (): void
  abstract destroy (): void

  /** Ends it because it has thrown: what it missed is unknown, and its client reconnects at its own cursor. */
  fail (): void {
    try {
      this.closed()
    } finally {
      this.destroy()
    }
  }
}
